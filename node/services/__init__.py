"""Use cases: one async function per intention.

Load, decide (pure), one transaction of rows, event, activity and deliveries; then wake.


setup members · assemblies statutes follows · proposals mandates ballots turnout closing ·
positions decisions evidence · offers · deliveries
"""
