"""A browser's side of Streamlit's protocol: one session over a real WebSocket."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

KEPT_RUNS = 2  # as a browser does: large messages that were used in these are not sent again


class SessionFailed(Exception):
    """The server closed the connection, was silent for too long, or showed an error."""


@dataclass
class Widgets:
    """What a browser knows of the page's widgets: by their label, the id and the value."""

    ids: dict[str, str] = field(default_factory=dict)
    values: dict[str, object] = field(default_factory=dict)

    def learn(self, element: Element) -> None:
        kind = element.WhichOneof("type")
        if kind in ("number_input", "selectbox", "multiselect"):
            widget = getattr(element, kind)
            self.ids[widget.label] = widget.id

    def fill(self, message: BackMsg) -> None:
        """Put the values that were set by hand into a request to run the script."""
        for label, value in self.values.items():
            state = message.rerun_script.widget_states.widgets.add(id=self.ids[label])
            if isinstance(value, int):
                state.double_value = value
            elif isinstance(value, str):
                state.string_value = value
            else:
                state.string_array_value.data.extend(value)


@contextmanager
def open_session(address: str, patience: float) -> "Iterator[Session]":
    """A page of the app at `address`, until the block ends.

    patience: seconds until an answer has to be there. Raises OSError if nobody answers.
    """
    place = address.replace("http://", "ws://") + "/_stcore/stream"
    # Browsers send no pings.
    options = {"max_size": None, "open_timeout": patience, "proxy": None, "ping_interval": None}
    with connect(place, subprotocols=["streamlit"], **options) as socket:
        yield Session(socket, patience)


class Session:
    """One open page."""

    def __init__(self, socket: ClientConnection, patience: float) -> None:
        self.widgets = Widgets()
        self._socket = socket
        self._patience = patience
        self._kept: dict[str, tuple[int, ForwardMsg]] = {}  # by hash: last run that used it
        self._run = 0

    def run(self) -> Iterator[Element]:
        """Have the script run with the widgets' values; what it draws, as it comes.

        It ends with the script. Raises SessionFailed.
        """
        self._run += 1
        self._kept = {
            name: kept for name, kept in self._kept.items() if self._run - kept[0] <= KEPT_RUNS
        }
        message = BackMsg()
        message.rerun_script.cached_message_hashes.extend(self._kept)
        self.widgets.fill(message)
        self._socket.send(message.SerializeToString())
        deadline = time.monotonic() + self._patience
        while True:
            answer = self._receive(deadline)
            kind = answer.WhichOneof("type")
            if kind == "delta":
                yield from self._elements(answer.delta)
            elif kind == "script_finished":
                if answer.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise SessionFailed("the script does not compile")
                if answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return

    def _receive(self, deadline: float) -> ForwardMsg:
        try:
            packed = self._socket.recv(timeout=max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            raise SessionFailed(f"no answer within {self._patience:.0f} s") from None
        except ConnectionClosed as error:
            raise SessionFailed(f"the connection ended: {error}") from error
        message = ForwardMsg.FromString(packed)
        if message.WhichOneof("type") == "ref_hash":
            message = self._kept[message.ref_hash][1]
        if message.metadata.cacheable:
            self._kept[message.hash] = (self._run, message)
        return message

    def _elements(self, delta: Delta) -> Iterator[Element]:
        kind = delta.WhichOneof("type")
        if kind == "new_element":
            self.widgets.learn(delta.new_element)
            yield delta.new_element
        elif kind == "new_transient":
            yield from delta.new_transient.elements
