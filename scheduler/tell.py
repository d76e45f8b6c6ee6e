"""After a round: what is told at once, the digests that are due, and their delivery."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from gzcrawl import clock
from gzcrawl.evidence import EvidenceStore
from gzcrawl.items import SHANGHAI
from gzcrawl.registry import Registry
from gzcrawl.store import alerts as store
from gzcrawl.store.alerts import Db
from gzcrawl.store.lease import Busy, lease
from scheduler import pictured
from scheduler.alerts.documents import alert_from
from scheduler.alerts.policy import Policy
from scheduler.calendar import Calendar
from scheduler.evidence.bundle import gather
from scheduler.evidence.camera import CameraError
from scheduler.evidence.shown import OPENING, make, wanted
from scheduler.findings import RuleMeta, Verdict
from scheduler.notify import outbox, render
from scheduler.notify.announce import announce
from scheduler.notify.digest import Digest, build_digest
from scheduler.notify.language import ZH, Language, language
from scheduler.notify.recipients import Recipient, Scope, load_recipients
from scheduler.notify.settings import MailSettings, mail_settings
from scheduler.patrol import Round
from scheduler.thumbnails import thumbnails

Say = Callable[[str], None]

PICTURED = timedelta(days=30)
DAY = timedelta(days=1)
LOOKED_AT = 8
"""New violations of which a digest shows what they rest on."""


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What is needed to tell anybody anything."""

    settings: MailSettings | None
    recipients: tuple[Recipient, ...]
    rules: Mapping[str, RuleMeta]
    policy: Policy
    calendar: Calendar
    data_dir: Path

    @property
    def sender(self) -> str:
        return self.settings.sender if self.settings else "gzcrawl@localhost"

    @property
    def channels(self) -> dict[str, str]:
        return {r.name: r.to for r in self.recipients if r.mail is None}


def telling(
    registry: Registry, rules: Mapping[str, RuleMeta], policy: Policy, calendar: Calendar, data_dir: Path
) -> Telling:
    """From the environment. `MailSettingsError` when something there is wrong."""
    settings = mail_settings()
    return Telling(
        settings=settings,
        recipients=load_recipients(settings, registry),
        rules=rules,
        policy=policy,
        calendar=calendar,
        data_dir=data_dir,
    )


def tell(db: Db, done: Round, how: Telling, *, digests: bool, say: Say = print) -> bool:
    """Tell what a round found; whether nothing is left waiting. Running it again tells nothing twice."""
    announce(
        db,
        how.recipients,
        registry=done.registry,
        rules=how.rules,
        policy=how.policy,
        sender=how.sender,
        now=done.at,
    )
    if digests:
        _look(db, done, how, say)
        _write(digest_of(db, done, how, Scope(), say=ZH), how, say)
        for recipient in how.recipients:
            if recipient.digest_due(done.at, how.calendar):
                _digest(db, done, how, recipient)
    if how.settings is None and not how.channels:
        say("没有设置 GZCRAWL_SMTP_HOST，摘要只写入了文件")
        return True
    try:
        return send(db, how, clock.now(), say)
    except Busy:
        say("另一个进程正在发送通知，由它一并送出")
        return True


def _look(db: Db, done: Round, how: Telling, say: Say) -> None:
    """Pictures of what the gravest new violations rest on, before anybody is sent a digest. None is no reason not to send it."""
    fresh = {
        entry["alert_id"] for entry in store.changes_between(db, done.at - DAY, done.at) if entry["change"] in OPENING
    }
    alerts = [alert_from(document) for document in store.alerts_by_id(db, fresh).values()]
    told = [a for a in alerts if a.stands and not a.muted and a.verdict is Verdict.VIOLATION]
    told.sort(key=lambda alert: (-alert.severity, alert.id))
    bundles = (bundle for alert in told if (bundle := gather(db, alert.id)) and wanted(bundle))
    try:
        make(db, EvidenceStore(how.data_dir), list(islice(bundles, LOOKED_AT)), done.at, most=1)
    except CameraError as error:
        say(f"{error}；摘要照常发送")
    except Exception as error:  # noqa: BLE001 -- an alert that is not sent is worse than a picture that is missing
        say(f"没有生成截图（{error!r}）；摘要照常发送")


def send(db: Db, how: Telling, now: datetime, say: Say = print) -> bool:
    """Send what is due; whether nothing is left waiting. `Busy` when another process is sending."""
    with lease(db, "deliver", how.data_dir):
        report = outbox.deliver(db, how.settings, now, how.channels)
    for error in report.errors:
        say(f"未送达：{error}；已留在发件箱，将自动重试")
    if report.sent:
        say(f"已发送 {report.sent} 封通知")
    return not report.waiting and not report.dead


def digest_of(
    db: Db,
    done: Round,
    how: Telling,
    scope: Scope,
    since: datetime | None = None,
    *,
    weekly: bool = False,
    say: Language,
) -> Digest:
    """`weekly`: with a picture of how the announcements of the last weeks were passed on. `say`: of the pictures' texts."""
    drawn = pictured.heat_map(db, done.registry, done.at - PICTURED, scope.covers_department, say) if weekly else None
    return build_digest(
        db,
        round_id=done.id,
        at=done.at,
        registry=done.registry,
        rules=how.rules,
        outcomes=done.outcomes,
        crawl_complete=done.crawl_complete,
        since=since,
        scope=scope,
        pictures_of=thumbnails(db, how.data_dir, say, new_since=since or done.at - DAY),
        pictures=(drawn,) if drawn else (),
        family_of=lambda rule: how.policy.rule(rule).family,
    )


def _digest(db: Db, done: Round, how: Telling, recipient: Recipient) -> None:
    """What changed since this recipient's last digest. A department with nothing to read gets none."""
    since = store.last_sent(db, "digest", recipient.name, done.at) or done.at - recipient.period
    weekly, spoken = recipient.digest == "weekly", language(recipient.language)
    digest = digest_of(db, done, how, recipient.scope, since, weekly=weekly, say=spoken)
    if digest.empty and not recipient.scope.operator:
        return
    day = f"{done.at.astimezone(SHANGHAI):%Y%m%d}"
    key = f"digest|{done.id if recipient.digest == 'round' else day}"
    message = render.for_recipient(digest, recipient, sender=how.sender, key=key)
    outbox.enqueue(db, key, recipient.name, message, done.at, address=recipient.mail, alerts=digest.alert_ids)


def _write(digest: Digest, how: Telling, say: Say) -> None:
    """The whole digest to disk, as a page and as a mail."""
    folder = how.data_dir / "digests"
    folder.mkdir(parents=True, exist_ok=True)
    mail = render.message(
        digest,
        sender=how.sender,
        recipient="network-office@localhost",
        message_id=render.message_id(f"file|{digest.round_id}", how.sender),
    )
    (folder / f"{digest.round_id}.eml").write_bytes(mail.as_bytes())
    (folder / f"{digest.round_id}.html").write_text(render.html(digest), encoding="utf-8")
    say(f"摘要：{folder / digest.round_id}.html")
