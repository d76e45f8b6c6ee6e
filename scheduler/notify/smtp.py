"""Handing a message to the mail server; an error says at which step and what to do."""

from __future__ import annotations

import smtplib
import socket
import ssl
from email.message import EmailMessage

from scheduler.notify.settings import MailSettings

TIMEOUT = 30.0


class DeliveryError(RuntimeError):
    """The server did not take the message.

    `permanent`: trying again cannot help before somebody changes something. `away`: it is not about this message, the
    next one would end the same.
    """

    def __init__(self, message: str, *, permanent: bool = False, away: bool = False) -> None:
        super().__init__(message)
        self.permanent, self.away = permanent, away


def send(settings: MailSettings, message: EmailMessage, recipient: str) -> None:
    """Return once the server has answered 250 for this recipient; `DeliveryError` otherwise."""
    where = f"{settings.host}:{settings.port}"
    try:
        with _connect(settings) as server:
            if settings.user:
                server.login(settings.user, settings.password or "")
            server.send_message(message, settings.sender, [recipient])
    except smtplib.SMTPAuthenticationError as error:
        raise DeliveryError(
            f"{where} 不接受用户名或密码（{_said(error)}），请检查 GZCRAWL_SMTP_USER 和密码", away=True
        ) from error
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise DeliveryError(f"{where} 拒收收件人 {recipient}（{code} {_text(text)}）", permanent=code >= 550) from error
    except smtplib.SMTPNotSupportedError as error:
        raise DeliveryError(
            f"{where} 不支持所选的加密或登录方式（{error}），请检查 GZCRAWL_SMTP_SECURITY", away=True
        ) from error
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(f"{where} 没有接收邮件（{_said(error)}）", permanent=error.smtp_code >= 550) from error
    except ssl.SSLCertVerificationError as error:
        raise DeliveryError(
            f"{where} 的证书无法验证（{error.verify_message}），请换用正确的主机名或安装其证书", away=True
        ) from error
    except ssl.SSLError as error:
        raise DeliveryError(
            f"与 {where} 的加密连接失败（{error.reason}），请检查 GZCRAWL_SMTP_SECURITY 与端口是否匹配", away=True
        ) from error
    except socket.gaierror as error:
        raise DeliveryError(f"找不到邮件服务器 {settings.host}，请检查 GZCRAWL_SMTP_HOST", away=True) from error
    except (TimeoutError, OSError, smtplib.SMTPException) as error:
        raise DeliveryError(f"连接不上邮件服务器 {where}（{error}）", away=True) from error


def _connect(settings: MailSettings) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if settings.security == "tls":
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=TIMEOUT, context=context)
    server = smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT)
    if settings.security == "starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _said(error: smtplib.SMTPResponseException) -> str:
    return f"{error.smtp_code} {_text(error.smtp_error)}"


def _text(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer
