"""Whatever else Apprise knows (extra `channels`), with what it takes for success."""

from __future__ import annotations

from scheduler.notify.channels.base import Note
from scheduler.notify.smtp import DeliveryError


def send(address: str, note: Note) -> None:
    try:
        import apprise
    except ImportError:
        raise DeliveryError("这种通道需要安装 apprise（pip install 'gzcrawl[channels]')", permanent=True) from None
    channel = apprise.Apprise()
    if not channel.add(address):
        raise DeliveryError("Apprise 不认识这个通道地址，请检查收件人的 to", permanent=True)
    if not channel.notify(title=note.title, body=note.text):
        raise DeliveryError("Apprise 没有送达，请检查通道地址和网络")
