"""The co-op's own house: everything one node is made of, composed on top of federation, identity and storage.

settings      every knob, with unit, default and reason
context       Node: what a running node holds
wiring        build_node(settings): the only file that picks concrete parts
app, routes   the aiohttp application; every URL of the node on one page
jobs          what each durable job row does; worker: the alarm clocks that run them (in-process, Celery)
governance    pure: how one co-op decides
services      use cases, one async function per intention
outbound      event to activity;  inbound: verified activity to command
api, web, cli the members' JSON door, the members' pages, the operator's command
demo          thirteen nodes deciding something together
"""
