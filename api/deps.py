"""What a route can ask for, and how a repeated request gets its first answer."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response, Security
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBearer
from sqlalchemy.exc import IntegrityError
from typing_extensions import override

from api.guards.rates import address_of
from core import idempotency, proofs
from core.actor import Actor
from core.blobs.port import Blobs
from core.db import Database, ReadTx, Tx
from core.door import SAFE, Asked, Door
from core.idempotency import StoredAnswer
from core.nonces import HEADER as NONCE
from core.sandbox import Sandbox
from core.tokens import Proof

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
#: Only for the API page, which asks for them; `identify` judges.
_CONSOLE = HTTPBearer(
    scheme_name="console", auto_error=False, description="A console session's token."
)
_DEVICE = APIKeyHeader(
    name="DPoP",
    scheme_name="device",
    auto_error=False,
    description="A proof of the device key (RFC 9449), beside `Authorization: DPoP <token>`.",
)


def _database(request: Request) -> Database:
    database: Database = request.app.state.engines.db
    return database


async def _read(request: Request) -> AsyncGenerator[ReadTx]:
    async with _database(request).read() as view:
        yield view


async def _begin(request: Request) -> AsyncGenerator[Tx]:
    async with _database(request).begin() as tx:
        request.state.tx = tx
        proof: Proof | None = getattr(request.state, "unused_proof", None)
        if proof is not None:
            await proofs.use_up(tx, proof)
        yield tx


async def never_cached(response: Response) -> None:
    """Let no cache keep an answer that holds a secret."""
    response.headers["Cache-Control"] = "no-store"


async def _blobs(request: Request) -> Blobs:
    blobs: Blobs = request.app.state.engines.blobs
    return blobs


async def _sandbox(request: Request) -> Sandbox:
    sandbox: Sandbox = request.app.state.engines.sandbox
    return sandbox


async def _database_of(request: Request) -> Database:
    return _database(request)


def _door(request: Request) -> Door:
    door: Door = request.app.state.engines.door
    return door


async def _door_of(request: Request) -> Door:
    return _door(request)


async def _address(request: Request) -> str:
    return address_of(request.scope)


async def _prove(request: Request) -> Proof:
    """Return the key that this request proves, for routes that have no access token yet."""
    proof = _door(request).prove(_asked(request), access_token=None)
    await _use_up_alone(request, proof)
    return proof


async def _prove_freshly(request: Request, response: Response) -> Proof:
    """Return the key that this request proves, by a proof made just now."""
    proof = _door(request).prove(_asked(request), access_token=None)
    _must_be_fresh(request, response, proof)
    await _use_up_alone(request, proof)
    return proof


async def identify(request: Request) -> Actor:
    """Return who is asking; proved once for each request."""
    kept: Actor | None = getattr(request.state, "actor", None)
    if kept is None:
        kept, proof = await _door(request).identify(_asked(request))
        if proof is not None and request.method not in SAFE:
            await _use_up(request, proof)
        request.app.state.rates.must_not_rush(request.method, request.scope["path"], kept)
        request.state.actor, request.state.proof = kept, proof
    return kept


async def fresh(request: Request, response: Response) -> Proof | None:
    """Return the proof that this request brings, made just now; a console session has none."""
    await identify(request)
    proof: Proof | None = request.state.proof
    if proof is not None:
        _must_be_fresh(request, response, proof)
    return proof


def _must_be_fresh(request: Request, response: Response, proof: Proof) -> None:
    """Refuse a proof without our nonce; every answer brings the next one."""
    response.headers[NONCE] = _door(request).nonce()
    _door(request).must_be_fresh(proof)


async def _use_up(request: Request, proof: Proof) -> None:
    """Use up a changing request's proof, in the request's own transaction if it has one."""
    tx: Tx | None = getattr(request.state, "tx", None)
    if tx is not None:
        await proofs.use_up(tx, proof)
    elif _writes_it_later(request.scope["route"].dependant):
        request.state.unused_proof = proof
    else:
        await _use_up_alone(request, proof)


async def _use_up_alone(request: Request, proof: Proof) -> None:
    async with _database(request).begin() as own:
        await proofs.use_up(own, proof)


def _writes_it_later(dependant: Dependant) -> bool:
    return _calls(dependant, _begin) or _calls(dependant, _beside)


async def _use_up_what_is_left(request: Request) -> None:
    """Use up the proof of a request whose transaction will not begin: it was answered before."""
    proof: Proof | None = getattr(request.state, "unused_proof", None)
    if proof is not None:
        await _use_up_alone(request, proof)


def _calls(dependant: Dependant, function: Callable[..., Any]) -> bool:
    return dependant.call is function or any(
        _calls(part, function) for part in dependant.dependencies
    )


@dataclass(frozen=True, slots=True)
class Beside:
    """What a route writes beside its change, because that shares its commit with others'.

    Attributes:
        proof: of the request's key, to be used up there; a console session has none.
        key: the request's Idempotency-Key, if it has one.
        asked: what makes the request the same when it comes again.
    """

    proof: Proof | None
    key: str | None = None
    asked: bytes = b""


async def _beside(request: Request, _: Annotated[Actor, Depends(identify)]) -> Beside:
    proof: Proof | None = getattr(request.state, "unused_proof", None)
    request.state.is_remembered = True
    return Beside(proof, *getattr(request.state, "once", ()))


async def _actor(
    actor: Annotated[Actor, Depends(identify)],
    _bearer: Annotated[object, Security(_CONSOLE)],
    _dpop: Annotated[object, Security(_DEVICE)],
) -> Actor:
    return actor


def _asked(request: Request) -> Asked:
    return Asked(
        method=request.method,
        url=_url_of(request),
        authorization=request.headers.get("authorization", ""),
        proof=",".join(request.headers.getlist("dpop")),  # two of them prove nothing
        written=_written_of(request),
    )


def _url_of(request: Request) -> str:
    """Return the URL without its query, as a proof names it; `request.url` costs three times it."""
    host = request.headers.get("host")
    if host is None:
        return str(request.url).partition("?")[0]
    path = request.scope["path"].replace("?", "%3F").replace("#", "%23").replace("\\", "%5C")
    return f"{request.scope['scheme']}://{host}{path}"


def _written_of(request: Request) -> str | None:
    """Return the URL with its escapes as they were sent (`document%3A1`), if it has any."""
    raw: bytes = request.scope.get("raw_path") or b""
    host = request.headers.get("host")
    if b"%" not in raw or host is None:
        return None
    return f"{request.scope['scheme']}://{host}{raw.decode('latin-1').partition('?')[0]}"


# Any scope but "function" answers 200 to a commit that failed.
ReadTxDep = Annotated[ReadTx, Depends(_read, scope="function")]
WriteTxDep = Annotated[Tx, Depends(_begin, scope="function")]
DatabaseDep = Annotated[Database, Depends(_database_of)]
BesideDep = Annotated[Beside, Depends(_beside)]
BlobsDep = Annotated[Blobs, Depends(_blobs)]
SandboxDep = Annotated[Sandbox, Depends(_sandbox)]
ActorDep = Annotated[Actor, Depends(_actor)]
ProofDep = Annotated[Proof, Depends(_prove)]
FreshKeyDep = Annotated[Proof, Depends(_prove_freshly)]
DoorDep = Annotated[Door, Depends(_door_of)]
#: Where a request comes from.
AddressDep = Annotated[str, Depends(_address)]

_Handle = Callable[[Request], Awaitable[Response]]


class Once(APIRoute):
    """A route that gives one effect and one answer to each Idempotency-Key.

    Where the route has a write transaction, the answer is stored in that transaction: the effect
    and its answer commit together, before the first byte leaves. A route that asks for `BesideDep`
    stores its answer itself, in a commit that it shares with others.
    """

    @override
    def get_route_handler(self) -> Callable[[Request], Any]:
        """Wrap the route's handler."""
        handle = super().get_route_handler()

        async def once(request: Request) -> Response:
            key = request.headers.get(KEY_HEADER)
            if key is None or request.method in SAFE:
                return await handle(request)
            idempotency.must_be_a_key(key)
            return await _answer_once(request, key, handle)

        return once


async def _answer_once(request: Request, key: str, handle: _Handle) -> Response:
    actor = await identify(request)
    path = f"{request.url.path}?{request.url.query}"
    asked = idempotency.fingerprint(request.method, path, await _identity_of_body(request))
    async with _database(request).read() as view:
        kept = await idempotency.recall(view, actor.id, key, asked)
    if kept is not None:
        await _use_up_what_is_left(request)
        headers = {REPLAYED_HEADER: "true"}
        return Response(kept.body, kept.status, headers, kept.media_type)
    request.state.once = (key, asked)
    response = await handle(request)
    if not getattr(request.state, "is_remembered", False):
        await _remember(request, _stored(request, actor, key, asked, response))
    return response


async def _identity_of_body(request: Request) -> bytes:
    """Return the JSON body; a streamed upload is told apart by its length."""
    if request.headers.get("content-type", "").startswith("application/json"):
        return await request.body()
    return request.headers.get("content-length", "").encode()


def _stored(
    request: Request, actor: Actor, key: str, asked: bytes, response: Response
) -> StoredAnswer:
    return StoredAnswer(
        actor_id=actor.id,
        key=key,
        request=asked,
        status=response.status_code,
        media_type=response.headers.get("content-type", "application/json"),
        body=bytes(response.body),
        at=_database(request).clock(),
    )


async def _remember(request: Request, answer: StoredAnswer) -> None:
    tx: Tx | None = getattr(request.state, "tx", None)
    try:
        if tx is not None:
            await idempotency.remember(tx, answer)
            await tx.session.flush()
        else:
            async with _database(request).begin() as own:
                await idempotency.remember(own, answer)
    except IntegrityError as error:  # the same key, at the same moment, on another connection
        raise idempotency.InProgress from error
