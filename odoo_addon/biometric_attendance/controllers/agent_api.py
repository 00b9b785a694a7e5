"""The agent's routes (docs/contract.md). Reads, checks who may, hands to a model, answers.

No business rule lives here. Every route but `pair` runs under auth method `biometric_agent`, which
put the agent's id and its company into the environment.
"""

from odoo import fields, http
from odoo.http import request

from ..contract import wire, wire_confirm, wire_file, wire_seal
from .dispatcher import ApiError, error_response
from .json_only import RANGE_TYPE
from .load import LOAD
from .share import SHARES

_ROUTE = {
    "type": "biometric",
    "methods": ["POST"],
    "csrf": False,
    "save_session": False,
    "readonly": False,
    "max_content_length": wire.MAX_BODY_BYTES,
}


# How long an agent waits while others fetch a file.
WAIT_SECONDS = 30
# How long one with a backlog waits while others are served: some requests of theirs.
TURN_SECONDS = 1

SIGNATURE_HEADER = "Biometric-Signature"


def _agent(*, waiting_allowed=False):
    """The agent of this request, in its company, with the rights of the service. What a batch needs
    of it came with its token: most of a short request went into reading all."""
    env = request.env
    SHARES.is_of((env.cr.dbname, env.context["allowed_company_ids"][0]))
    agent = env["biometric.agent"].sudo().browse(env.context["biometric_agent_id"])
    if agent.state == "waiting" and not waiting_allowed:
        raise ApiError(403, "waiting", "the administrator has not said yes yet")
    return agent.with_company(agent.company_id)


def _proves(agent, route):
    """Whether what this request says is its agent's own word."""
    http = request.httprequest
    signature = http.headers.get(SIGNATURE_HEADER)
    if signature is not None:
        signature = signature[: wire_seal.MAX_SIGNATURE]
    return agent.env["biometric.signed.request"]._proves(agent, route, signature, http.get_data())


def _now():
    return wire.from_datetime(fields.Datetime.now())


class BiometricAgentApi(http.Controller):
    @http.route("/biometric/v1/pair", auth="none", **_ROUTE)
    def pair(self, body):
        # No user is known here; the pairing model does all it does in the name of the service.
        request.update_env(user=request.env.ref("biometric_attendance.user_agent").id)
        outcome = (
            request.env["biometric.pairing"].sudo()._pair(body, request.httprequest.remote_addr)
        )
        if "error" in outcome:
            # Answered, not raised: the counted try must be committed.
            return error_response(request, **outcome["error"])
        return outcome

    @http.route("/biometric/v1/punches", auth="biometric_agent", **_ROUTE)
    def punches(self, body):
        agent = _agent()
        # Before a batch is read: whoever is asked to come later costs the others little.
        turn = agent.env["biometric.backlog"]._turn(agent, wire.sighting_count(body))
        if turn == "later":
            return error_response(
                request, 429, "slow_down", "other companies are served first", TURN_SECONDS
            )
        if turn == "taken":
            SHARES.leave_out()
        # A turn's rest is over: what rested is no work of this worker.
        with LOAD.serving():
            return self._punches(agent, body)

    def _punches(self, agent, body):
        batch_id, lane, sightings = wire.parse_batch(body)
        seal = wire_seal.parse_seal(body)
        signed, refusal = agent.env["biometric.signed.batch"]._judge(agent, lane, batch_id, seal)
        if refusal:
            # Answered, not raised: the alarm must be committed, and nothing else was written.
            return error_response(request, 403, *refusal)
        head, verdicts = agent.env["biometric.ingest"]._store_batch(agent, lane, sightings, signed)
        return {
            "version": 1,
            "batch_id": batch_id,
            "lane": lane,
            "head": head,
            "verdicts": verdicts,
            "can": wire_seal.CAN,
            "wait_ms": max(LOAD.wait_ms(), SHARES.gather_ms()),
            "server_time": _now(),
        }

    @http.route("/biometric/v1/confirm", auth="biometric_agent", **_ROUTE)
    def confirm(self, body):
        serial = wire.serial(body)
        agent = _agent()
        service = agent.env["biometric.confirm"]
        answer = {"version": 1, "serial": serial, "server_time": _now()}
        if "keys" in body:
            answer["missing"] = service._missing_keys(agent, serial, wire_confirm.parse_keys(body))
        elif "rejects" in body:
            rejects = wire_confirm.parse_rejects(body)
            answer["undecided"] = service._undecided(agent, serial, rejects)
        else:
            days = wire_confirm.parse_days(body)
            answer["differs"] = service._differing_days(agent, serial, days)
        return answer

    @http.route("/biometric/v1/users", auth="biometric_agent", **_ROUTE)
    def users(self, body):
        serial = wire.serial(body)
        complete = wire.flag(body, "complete", None)
        users, upload = wire.parse_users(body), wire.parse_upload(body)
        agent = _agent()
        if not _proves(agent, "users"):
            # Answered, not raised: the alarm must be committed.
            return error_response(request, 403, "unsigned_request", "sign it with the agent's key")
        registry = agent.env["biometric.device.user"]
        known = registry._receive(agent, serial, users, complete, upload)
        return {"version": 1, "serial": serial, "known": known, "server_time": _now()}

    @http.route("/biometric/v1/sync", auth="biometric_agent", **_ROUTE)
    def sync(self, body):
        # Nothing a sync writes is told by mail.
        agent = _agent(waiting_allowed=True).with_context(tracking_disable=True)
        return agent.env["biometric.sync"]._sync(
            agent, body, request.httprequest.remote_addr, _proves(agent, "sync")
        )

    @http.route(
        "/biometric/v1/file/<string:file_id>",
        **{**_ROUTE, "methods": ["GET"]},
        auth="biometric_agent",
    )
    def file(self, file_id):
        """The set of update metadata this agent may see, and a range of the file it names."""
        agent = _agent()
        if file_id == "metadata":
            metadata = agent.env["biometric.update"]._metadata(agent)
            if metadata is None:
                raise ApiError(404, "not_found", "no update is offered to this agent")
            return metadata
        start, end = wire_file.byte_range(request.httprequest.headers.get("Range"))
        # Punches of this worker go first, too.
        busy = LOAD.wait_ms() > 0
        part = busy or agent.env["biometric.update.seat"]._range(agent, file_id, start, end)
        if part is None:
            raise ApiError(404, "not_found", "no such file is offered to this agent")
        if busy or part == "wait":
            # Answered, not raised: a seat that was freed stays free.
            return error_response(request, 429, "slow_down", "others are served", WAIT_SECONDS)
        headers = [
            ("Content-Type", RANGE_TYPE),
            ("Content-Range", f"bytes {start}-{part['end'] - 1}/{part['length']}"),
            ("Cache-Control", "no-store"),
        ]
        return request.make_response(part["data"], headers=headers, status=206)
