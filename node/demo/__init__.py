"""The main job shown on one machine: Iberian Commons, thirteen nodes that decide over HTTP.

cast    who takes part and how they vote (data)
hosts   starting and stopping nodes, in this process or each in its own
client  a member's JSON door, spoken over HTTP
story   the acts: founding, joining, enrolling, deciding, proving
show    progress, trees and tables for the terminal
tamper  forged copies of the evidence, and what the verifier says to them
run     the whole, called by the command
"""
