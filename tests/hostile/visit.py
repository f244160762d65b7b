"""What a hostile visitor speaks: raw HTTP, and the websocket of the pages with odd words."""

from __future__ import annotations

import contextlib
import re
import socket
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from streamlit.proto.Common_pb2 import UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.load import Answer, Visit

UPLOAD = "/_stcore/upload_file"
_COOKIE = "_streamlit_xsrf"
_ANSWER_MOST = 4 << 20


@dataclass
class Reply:
    """An answer; status 0 where the server closed the line without one."""

    status: int
    head: str
    body: bytes


def ask(
    address: str,
    target: str,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    raw: bytes | None = None,
    seconds: float = 30.0,
) -> Reply:
    """Send a request as it stands, unlike a client that means well; ``raw`` sends that alone."""
    place = urlsplit(address)
    lines = {"Host": place.netloc, "Connection": "close"} | (headers or {})
    if body:
        lines.setdefault("Content-Length", str(len(body)))
    head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items())
    content = b""
    with socket.create_connection((place.hostname, place.port), timeout=seconds) as line:
        # A server that refuses early closes before all is sent.
        with contextlib.suppress(OSError):
            line.sendall(raw if raw is not None else head.encode("latin-1") + b"\r\n" + body)
        with contextlib.suppress(OSError):
            while (part := line.recv(65_536)) and len(content) < _ANSWER_MOST:
                content += part
    top, _, rest = content.partition(b"\r\n\r\n")
    found = re.match(rb"HTTP/1\.[01] (\d{3})", top)
    return Reply(int(found[1]) if found else 0, top.decode("latin-1"), rest)


def token(address: str) -> str:
    """Return the token that an upload must state twice."""
    reply = ask(address, "/_stcore/health")
    found = re.search(rf"{_COOKIE}=([^;\r\n]+)", reply.head)
    return found[1] if found else ""


def form(name: str, content: bytes) -> tuple[str, bytes]:
    """Return the type and body of an upload."""
    mark = uuid.uuid4().hex
    head = f'--{mark}\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n\r\n'
    return f"multipart/form-data; boundary={mark}", head.encode() + content + (
        f"\r\n--{mark}--\r\n".encode()
    )


def upload(address: str, session: str, file: str, name: str, content: bytes, **more: str) -> Reply:
    """Upload a file to a session as a page does."""
    secret = token(address)
    kind, body = form(name, content)
    headers = {"Content-Type": kind, "X-Xsrftoken": secret, "Cookie": f"{_COOKIE}={secret}"}
    return ask(address, f"{UPLOAD}/{session}/{file}", "PUT", headers | more, body)


@dataclass
class Visitor(Visit):
    """A visit that keeps all that it is sent and can put any words into any widget.

    Attributes
    ----------
    session : str
        Its name at the server.
    seen : bytes
        Every frame.
    texts, uploaders : dict of str to str, list of str
        Identifiers of text widgets by key, and of file uploaders.
    """

    session: str = ""
    seen: bytearray = field(default_factory=bytearray)
    texts: dict[str, str] = field(default_factory=dict)
    uploaders: list[str] = field(default_factory=list)

    def _note(self, answer: ForwardMsg) -> None:
        self.seen += answer.SerializeToString()
        if answer.WhichOneof("type") == "new_session":
            self.session = answer.new_session.initialize.session_id or self.session
        if answer.WhichOneof("type") == "delta":
            element = answer.delta.new_element
            kind = element.WhichOneof("type")
            if kind in ("text_input", "text_area"):
                identifier = getattr(element, kind).id
                self.texts[identifier.rpartition("-")[2]] = identifier
            elif kind == "file_uploader":
                self.uploaders.append(element.file_uploader.id)
        super()._note(answer)

    async def say(self, query: str, *states: WidgetState) -> Answer:
        """Run the page again with these states of widgets."""
        message = self._message(query)
        message.rerun_script.widget_states.widgets.extend(states)
        return await self._run(message)

    def text(self, key: str, text: str) -> WidgetState:
        """Return the state of a text widget."""
        return WidgetState(id=self.texts[key], string_value=text)

    def file(self, file: str, name: str, size: int) -> WidgetState:
        """Return the state of the file uploader that holds a file."""
        state = WidgetState(id=self.uploaders[-1])
        one = UploadedFileInfo(name=name, size=size, file_id=file)
        one.file_urls.file_id = file
        one.file_urls.upload_url = f"{UPLOAD}/{self.session}/{file}"
        one.file_urls.delete_url = one.file_urls.upload_url
        state.file_uploader_state_value.uploaded_file_info.append(one)
        return state
