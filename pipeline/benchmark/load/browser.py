"""A browser's side of Streamlit's protocol, without a browser: one tab of the dashboard.

What the tab does is what Streamlit's own page does: its handshake (the XSRF token and, to come
back, the session in the subprotocol), its upload (ask where to, send it there, tell the widget),
its clock for parts of a page that draw themselves anew, its memory of messages.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import http.cookies
import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from google.protobuf.message import DecodeError
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from pipeline.benchmark.load.messages import Screen

_XSRF = "_streamlit_xsrf"
# What takes the token's place where the server has none.
_NO_TOKEN = "PLACEHOLDER_AUTH_TOKEN"
# Under this name a component's events are told, beside its state.
_EVENTS = "$$STREAMLIT_INTERNAL_KEY_{}__events"
_HTTP_SECONDS = 60


class LostError(Exception):
    """The server closed the socket, is not there, or did something that it should not."""


class SilentError(LostError):
    """The server has not answered for as long as anybody waits; it may yet."""


class Browser:
    """One tab.

    Parameters
    ----------
    address : of the dashboard, such as ``http://127.0.0.1:8501``.
    pool : threads in which files are sent.
    patience : seconds until an answer counts as lost.
    """

    def __init__(self, address: str, pool: ThreadPoolExecutor, patience: float = 60.0):
        parts = urlsplit(address)
        self._host, self._port = parts.hostname, parts.port or 80
        self._address = f"http://{parts.netloc}"
        self._pool, self._patience = pool, patience
        self._token = ""
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task | None = None
        self._clocks: dict[str, asyncio.Task] = {}
        self._came = asyncio.Event()
        self._states: dict[str, WidgetState] = {}
        self._uploaded: str | None = None
        self.screen = Screen()

    async def open(self) -> None:
        """Open the first page, and wait until it is drawn."""
        await self._connect()
        await self.run()

    async def _connect(self) -> None:
        if not self._token:
            self._token = await self._http(self._fetch_token)
        protocols = ["streamlit", self._token]
        if self.screen.session:
            protocols.append(self.screen.session)
        try:
            self._socket = await connect(
                f"ws://{self._host}:{self._port}/_stcore/stream",
                subprotocols=protocols,
                origin=self._address,
                additional_headers=self._cookie,
                max_size=None,
                max_queue=None,
                open_timeout=self._patience,
                proxy=None,
            )
        except TimeoutError as error:
            raise SilentError(f"no connection within {self._patience:.0f} s") from error
        except (OSError, InvalidHandshake) as error:
            raise LostError(f"no connection: {type(error).__name__}") from error
        self._reader = asyncio.create_task(self._read(self._socket))

    async def drop(self) -> None:
        """Lose the socket as a train in a tunnel does: without a word to the server."""
        self._socket.transport.abort()
        await self._end_tasks()

    async def reconnect(self) -> None:
        """Come back as the tab that it was, and wait until the page is drawn.

        Raises
        ------
        LostError : if the server takes it for somebody else.
        """
        before = self.screen.session
        await self._connect()
        await self.run()
        if self.screen.session != before:
            raise LostError("the session was not resumed")

    async def close(self) -> None:
        """Close the tab."""
        if self._socket is not None:
            with contextlib.suppress(OSError, TimeoutError):
                await self._socket.close()
        await self._end_tasks()

    async def _end_tasks(self) -> None:
        ended = [*self._clocks.values(), *filter(None, [self._reader])]
        for task in ended:
            task.cancel()
        await asyncio.gather(*ended, return_exceptions=True)
        self._clocks, self._reader = {}, None

    async def until(self, seen: Callable[[], Any], patience: float | None = None) -> None:
        """Wait for something to be seen on the screen.

        Parameters
        ----------
        patience : seconds, if not as long as for everything.

        Raises
        ------
        LostError : if the socket is.
        SilentError : if it takes longer than anybody waits.
        """
        patience = self._patience if patience is None else patience
        try:
            async with asyncio.timeout(patience):
                while not seen():
                    if self._reader is None or self._reader.done():
                        raise LostError("the server closed the socket")
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError as error:
            raise SilentError(f"no answer within {patience:.0f} s") from error

    async def run(self) -> None:
        """Have the page drawn from its top, and wait for it."""
        before = self.screen.runs
        await self._ask()
        await self.until(lambda: self.screen.finished > before)

    async def go(self, name: str) -> None:
        """Turn to the page whose address ends so; "" is the first one."""
        before = self.screen.runs
        self.screen.query = ""
        await self._ask(page=self.screen.pages[name])
        await self.until(lambda: self.screen.finished > before)

    def choose(self, key: str, option: str) -> None:
        """Press one of a row of options; `run` tells the server."""
        self._state(key).string_array_value.data[:] = [option]

    def options(self, key: str) -> list[str]:
        """Return what a row of options offers."""
        return [option.content for option in self.screen.widgets[key][0].options]

    async def report(self, key: str, **state: Any) -> None:
        """Let a component report its state, and wait until its part of the page is drawn."""
        before = self.screen.fragments + self.screen.finished
        self._state(key).json_value = json.dumps(state)
        await self._ask(fragment=self.screen.widgets[key][1])
        await self.until(lambda: self.screen.fragments + self.screen.finished > before)

    async def trigger(self, key: str, event: str, value: Any) -> None:
        """Let a component tell an event, once."""
        element, fragment = self.screen.widgets[key]
        told = WidgetState(id=_EVENTS.format(element.id))
        told.json_trigger_value = json.dumps([{"event": event, "value": value}])
        await self._ask(fragment=fragment, event=told)

    async def send_file(self, key: str, name: str, data: bytes) -> None:
        """Put a file into a box for one; `run` tells the server that it is there.

        Raises
        ------
        LostError : if the server does not take it.
        """
        if self._uploaded is not None:
            await self._http(lambda: self._request("DELETE", self._uploaded))
        message, number = BackMsg(), uuid.uuid4().hex
        message.file_urls_request.request_id = number
        message.file_urls_request.session_id = self.screen.session
        message.file_urls_request.file_names.append(name)
        await self._send(message)
        await self.until(lambda: number in self.screen.answers)
        place = self.screen.answers.pop(number).file_urls[0]
        await self._http(lambda: self._put(place.upload_url, name, data))
        self._uploaded = place.delete_url
        state = self._state(key).file_uploader_state_value
        state.Clear()
        state.uploaded_file_info.add(
            file_id=place.file_id, name=name, size=len(data), file_urls=place
        )

    async def take_away(self, key: str) -> bytes:
        """Press a button that makes a file when it is pressed, and return the file.

        Raises
        ------
        LostError : if none is made.
        """
        message, number = BackMsg(), uuid.uuid4().hex
        request = message.backend_operation_request
        request.request_id, request.session_id = number, self.screen.session
        request.deferred_file.file_id = self.screen.widgets[key][0].deferred_file_id
        await self._send(message)
        await self.until(lambda: number in self.screen.answers)
        answer = self.screen.answers.pop(number)
        if answer.error_msg:
            raise LostError(f"no file: {answer.error_msg}")
        try:
            return await self._http(lambda: self._request("GET", answer.deferred_file.url))
        except LostError as error:
            raise LostError(f"a file that was made could not be fetched: {error}") from error

    def _state(self, key: str) -> WidgetState:
        if key not in self.screen.widgets:
            raise LostError(f"the page has no {key}")
        identity = self.screen.widgets[key][0].id
        return self._states.setdefault(identity, WidgetState(id=identity))

    async def _ask(
        self,
        page: str | None = None,
        fragment: str = "",
        event: WidgetState | None = None,
        by_itself: bool = False,
    ) -> None:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string = self.screen.query
        asked.page_script_hash = self.screen.page if page is None else page
        asked.fragment_id, asked.is_auto_rerun = fragment, by_itself
        asked.cached_message_hashes.extend(self.screen.kept_hashes)
        asked.context_info.url = self._address
        if page is None:
            asked.widget_states.widgets.extend(self._states.values())
        if event is not None:
            asked.widget_states.widgets.append(event)
        await self._send(message)

    async def _send(self, message: BackMsg) -> None:
        try:
            await self._socket.send(message.SerializeToString())
        except ConnectionClosed as error:
            raise LostError("the server closed the socket") from error

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for data in socket:
                message = ForwardMsg()
                try:
                    message.ParseFromString(data)
                except DecodeError:
                    self.screen.complaints.append("a message cannot be read")
                    continue
                self.screen.take(message)
                if message.WhichOneof("type") in ("auto_rerun", "stop_auto_rerun", "new_session"):
                    self._set_clocks()
                if message.WhichOneof("type") == "script_finished":
                    self._forget_what_is_gone()
                self._came.set()
        except ConnectionClosed:
            pass
        finally:
            self._came.set()

    def _forget_what_is_gone(self) -> None:
        if self.screen.finished == self.screen.runs:
            there = self.screen.widget_ids
            self._states = {name: state for name, state in self._states.items() if name in there}

    def _set_clocks(self) -> None:
        ticking = self.screen.ticking
        for fragment in [one for one in self._clocks if one not in ticking]:
            self._clocks.pop(fragment).cancel()
        for fragment, seconds in ticking.items():
            if fragment not in self._clocks:
                self._clocks[fragment] = asyncio.create_task(self._tick(fragment, seconds))

    async def _tick(self, fragment: str, seconds: float) -> None:
        with contextlib.suppress(LostError):
            while True:
                await asyncio.sleep(seconds)
                await self._ask(fragment=fragment, by_itself=True)

    async def _http(self, ask: Callable[[], Any]) -> Any:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, ask)
        except TimeoutError as error:
            raise SilentError(f"no answer within {_HTTP_SECONDS} s") from error
        except (OSError, http.client.HTTPException) as error:
            raise LostError(f"no answer: {type(error).__name__}") from error

    @property
    def _cookie(self) -> dict[str, str]:
        return {} if self._token == _NO_TOKEN else {"Cookie": f"{_XSRF}={self._token}"}

    def _fetch_token(self) -> str:
        connection = self._connection()
        try:
            connection.request("GET", "/_stcore/health")
            answer = connection.getresponse()
            answer.read()
            cookies = http.cookies.SimpleCookie(answer.getheader("Set-Cookie", ""))
            return cookies[_XSRF].value if _XSRF in cookies else _NO_TOKEN
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self._host, self._port, timeout=_HTTP_SECONDS)

    def _put(self, path: str, name: str, data: bytes) -> None:
        border = uuid.uuid4().hex
        head = (
            f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = b"".join((head.encode(), data, f"\r\n--{border}--\r\n".encode()))
        self._request("PUT", path, body, f"multipart/form-data; boundary={border}")

    def _request(self, method: str, path: str, body: bytes = b"", kind: str = "") -> bytes:
        headers = {**self._cookie, "X-Xsrftoken": self._token, "Origin": self._address}
        if kind:
            headers["Content-Type"] = kind
        connection = self._connection()
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
            if answer.status >= 400:
                raise LostError(f"{method} was answered by {answer.status}")
            return content
        finally:
            connection.close()
