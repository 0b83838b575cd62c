"""The engines behind Rekognition, Comprehend and Translate: adapters of the ports, and the processes they run in.

`assembly.open_engines` makes all of them. An adapter (the room's side) checks what it is given, asks its `Supervisor`
and turns the reply into a port's value; a task (the worker's side, `*_task.py`) loads models and does the work in a
process of its own. Nothing here knows AWS's shapes, requests or callers.
"""
