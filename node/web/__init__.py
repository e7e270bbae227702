"""The members' pages: server-rendered, whole without JavaScript; mounted by node.routes.

frame/      who looks, headers, forms, rendering, error pages
views/      pure: records into what a page shows
assembly/   handlers: assemblies, their rules, how their decisions end
reliefs/    handlers: what assemblies do in an emergency
verifier/   the page that counts a decision again in the reader's browser
templates/  the pages;  static/  our own styles and small modules
NOUN.py     handlers: authenticate, read, call a service, render
"""

from node.web import (
    activity,
    ballots,
    community,
    drafts,
    federation,
    home,
    members,
    moving,
    offers,
    operator,
    profile,
    proposals,
    sessions,
)
from node.web.assembly import assemblies, rules
from node.web.frame.problems import problem_pages
from node.web.frame.render import static_file
from node.web.frame.security import secured
from node.web.reliefs import opening, pages, speaking
from node.web.verifier.served import show_verifier

WEB_ROUTES = (
    ("GET", "/", home.show_home),
    ("GET", "/static/{name}", static_file),
    ("GET", "/sign-in", sessions.sign_in_form),
    ("POST", "/sign-in", sessions.sign_in),
    ("POST", "/sign-out", sessions.sign_out),
    ("GET", "/proposals", proposals.list_proposals),
    ("GET", "/proposals/new", drafts.new_draft),
    ("POST", "/proposals/new", drafts.save_draft),
    ("GET", "/proposals/elsewhere", proposals.show_proposal),
    ("GET", "/proposals/elsewhere/live", proposals.show_live),
    ("POST", "/proposals/elsewhere/ballots", ballots.cast_ballot),
    ("GET", "/proposals/elsewhere/receipt", ballots.keep_receipt),
    ("GET", "/proposals/{id}", proposals.show_proposal),
    ("GET", "/proposals/{id}/live", proposals.show_live),
    ("POST", "/proposals/{id}/ballots", ballots.cast_ballot),
    ("GET", "/proposals/{id}/receipt", ballots.keep_receipt),
    ("POST", "/proposals/{id}/submit", drafts.submit_draft),
    ("POST", "/proposals/{id}/open", drafts.open_draft),
    ("POST", "/proposals/{id}/withdraw", drafts.withdraw_draft),
    ("POST", "/proposals/elsewhere/vetoes", ballots.submit_veto),
    ("POST", "/proposals/{id}/vetoes", ballots.submit_veto),
    ("POST", "/proposals/elsewhere/replies", community.write_reply),
    ("POST", "/proposals/{id}/replies", community.write_reply),
    ("GET", "/replies/{id}", community.show_reply),
    ("POST", "/replies/edit", community.edit_reply),
    ("POST", "/replies/delete", community.delete_reply),
    ("POST", "/replies/hide", community.hide_reply),
    ("GET", "/flags", community.show_flags),
    ("POST", "/flags/send", community.send_flag),
    ("POST", "/flags/settle", community.settle_flag),
    ("GET", "/federation", federation.show_federation),
    ("GET", "/reliefs", pages.list_reliefs),
    ("GET", "/reliefs/new", opening.new_relief),
    ("POST", "/reliefs/new", opening.open_relief),
    ("GET", "/reliefs/elsewhere", pages.show_relief),
    ("GET", "/reliefs/{id}", pages.show_relief),
    ("POST", "/reliefs/say/{what}", speaking.speak),
    ("GET", "/verify", show_verifier),
    ("GET", "/offers", offers.list_offers),
    ("GET", "/offers/new", offers.new_offer),
    ("POST", "/offers/new", offers.publish_offer),
    ("GET", "/offers/elsewhere", offers.show_offer),
    ("GET", "/offers/{id}", offers.show_offer),
    ("POST", "/offers/{id}/withdraw", offers.withdraw_offer),
    ("GET", "/activity", activity.show_activity),
    ("GET", "/members", members.list_members),
    ("POST", "/members", members.enrol_member),
    ("GET", "/assemblies", assemblies.show_assemblies),
    ("POST", "/assemblies/join", assemblies.ask_to_join),
    ("POST", "/assemblies/decide", assemblies.decide_application),
    ("POST", "/assemblies/leave", assemblies.leave_assembly),
    ("POST", "/assemblies/split", assemblies.choose_split),
    ("POST", "/assemblies/renew", assemblies.renew_statute),
    ("POST", "/assemblies/correct", assemblies.correct_constituent),
    ("GET", "/assemblies/rules", rules.show_rules),
    ("POST", "/assemblies/rules", rules.propose_rules),
    ("GET", "/operator", operator.show_console),
    ("POST", "/operator/deliveries/retry", operator.retry_delivery),
    ("POST", "/operator/jobs/retry", operator.retry_job),
    ("POST", "/operator/hosts/try", operator.try_host),
    ("POST", "/operator/policies", operator.decide_policy),
    ("GET", "/operator/address", moving.show_moving),
    ("POST", "/operator/address/look", moving.look_ahead),
    ("POST", "/operator/address/move", moving.move),
    ("POST", "/operator/address/stay", moving.stay),
    ("POST", "/operator/address/earlier", moving.add_earlier),
    ("POST", "/operator/address/forget", moving.forget_earlier),
    ("GET", "/profile", profile.show_profile),
    ("POST", "/profile/passphrase", profile.change_passphrase),
    ("POST", "/profile/sessions/end", profile.end_session),
)
"""Every URL of the pages: method, path, handler."""

WEB_MIDDLEWARES = (secured, problem_pages)
"""Outermost first."""
