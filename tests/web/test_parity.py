"""The API does what the pages do: each action of a page names its route there, or why there is none."""

from fastapi.routing import APIRoute

from triage.web import PAGES, ROUTERS, api

BY_PROGRAM = {
    "live": ["streamEvents"],
    "cases": ["listCases", "getTotals"],
    "cases_table": ["listCases"],
    "next_case": ["takeNext"],
    "save_view": ["saveView", "listViews"],
    "remove_view": ["removeView"],
    "marked": ["changeCases"],
    "undo_marked": ["undoChange"],
    "correct": ["correctCase"],
    "merge": ["mergeCase"],
    "split": ["splitCase"],
    "move": ["moveMessage"],
    "link": ["linkCase"],
    "person": ["getPerson", "listSuggestions"],
    "link_person": ["linkAddress"],
    "unlink_person": ["unlinkAddress"],
    "undo_regrouping": ["undoRegrouping"],
    "offer_canned": ["offerCanned"],
    "preview": ["previewReply"],
    "sealed": ["takeSealed"],
    "message": ["getMessage"],
    "case": ["getCase", "getFacts", "listSimilar"],
    "reply": ["replyToCase"],
    "withdraw": ["withdrawReply"],
    "note": ["noteOnCase"],
    "snooze": ["snoozeCase"],
    "wake": ["wakeCase"],
    "assign": ["changeCases"],
    "act": ["takeCase", "resolveCase", "reopenCase"],
    "canned": ["listCanned"],
    "save_canned": ["saveCanned"],
    "remove_canned": ["removeCanned"],
    "review": ["listUnsure"],
    "label": ["correctCase"],
    "reports": ["getReport"],
    "reports_csv": ["getReport"],
    "incidents": ["listIncidents"],
    "topics": ["listHotTopics"],
    "confirm_incident": ["confirmIncident"],
    "drop_incident": ["dropIncident"],
    "update_incident": ["updateIncident"],
    "resolve_incident": ["resolveIncident"],
    "impostors": ["listImpostors", "listSightings"],
    "quarantine": ["listQuarantine"],
    "release": ["releaseQuarantined"],
    "drop": ["dropQuarantined"],
    "models": ["listModels", "compareModels"],
    "use_model": ["useModel"],
    "channels": ["listChannels", "getTotals"],
    "audit": ["listAudit"],
    "settings": ["getSettings"],
    "users": ["listUsers", "getUser", "listTokens"],
    "add_user": ["addUser", "inviteUser"],
    "invite_user": ["inviteUser"],
    "change_user": ["changeUser"],
    "add_token": ["addToken"],
    "revoke_token": ["revokeToken"],
    "own": ["getCaller"],
}

NONE = {
    "sign_in": "a program has a token",
    "enter": "a program has a token",
    "enter_code": "a code proves a person",
    "leave": "a program has a token, which can be revoked",
    "invitation": "a password proves a person",
    "accept": "a password proves a person",
    "begin_oidc": "a program has a token",
    "end_oidc": "a program has a token",
    "begin_factor": "a code proves a person",
    "confirm_factor": "a code proves a person",
    "renew_codes": "a code proves a person",
    "factor_off": "a code proves a person",
    "reset_factor": "a leaked token must not weaken how people sign in",
    "language": "of the pages",
    "looking": "tells agents who else has the page open",
    "alive": "is for programs already",
    "ready": "is for programs already",
    "metrics": "is for programs already",
    "report": "browsers send it by themselves",
}

OF_PAGES = {route.name for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)}
OPERATIONS = {route.operation_id for router in api.ROUTERS for route in router.routes if isinstance(route, APIRoute)}


def test_every_action_of_a_page_has_its_route_or_a_reason_for_none():
    assert len(PAGES) > 15
    assert BY_PROGRAM.keys() | NONE.keys() == OF_PAGES
    assert not BY_PROGRAM.keys() & NONE.keys()


def test_every_route_that_is_named_is_there_and_none_is_left_over():
    assert {one for named in BY_PROGRAM.values() for one in named} == OPERATIONS
