"""SpiffWorkflow as its documentation tells: a BPMN process, kept as JSON between the tasks.

It has no database of its own: the JSON lies in a row that is locked with the case, and it and the rows of the
act are read and written by the bare driver.
"""

from __future__ import annotations

from pathlib import Path

import psycopg
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

from tests.benchmarks.peers.rows import AUDIENCE, DUE_ON, NOW, REMINDED_AT, Part, message
from tests.benchmarks.rounds import serve

READ = """
SELECT workflow, number, state, step_number, event_number, chain_head
FROM cases JOIN workflows ON case_id = id WHERE id = %s FOR UPDATE
"""
MOVE = """
UPDATE cases SET state = %s, version = version + 1, unit_id = %s, handler_id = NULL, step_number = %s,
    event_number = %s, chain_head = repeat('1', 64), due_on = %s, next_reminder_at = %s WHERE id = %s
"""
LEAVE = """
UPDATE steps SET left_at = %s, outcome = 'recommend', used_days = 1, handler_id = %s
WHERE case_id = %s AND number = %s
"""
ENTER = """
INSERT INTO steps (case_id, number, state, unit_id, entered_at, limit_days, used_before, due_on, was_late)
VALUES (%s, %s, %s, %s, %s, 15, 0, %s, false)
"""
TELL = """
INSERT INTO events (case_id, number, action, actor_id, unit_id, from_state, to_state, details, reason_digest,
    details_digest, standing, at, recorded_at, previous, digest)
VALUES (%s, %s, 'recommend', %s, %s, %s, %s, '{}', %s, %s, '{}', %s, %s, %s, repeat('1', 64))
"""
POST = """
INSERT INTO outbox (case_id, topic, audience, unit_id, params, created_at)
VALUES (%s, 'moved', %s, %s, %s, %s)
"""
DIGEST = "0" * 64


class Office:
    """One client: its connection and its serializer."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.connection = psycopg.connect(part.url.replace("postgresql+psycopg://", "postgresql://"))
        self.serializer = BpmnWorkflowSerializer()

    def prepare(self) -> None:
        parser = BpmnParser()
        parser.add_bpmn_file(str(Path(__file__).with_name("award.bpmn")))
        workflow = BpmnWorkflow(parser.get_spec("award"))
        workflow.do_engine_steps()
        workflow.get_next_task(state=TaskState.READY, manual=True).run()
        workflow.do_engine_steps()
        self.connection.execute("CREATE TABLE workflows (case_id bigint PRIMARY KEY, workflow text NOT NULL)")
        text = self.serializer.serialize_json(workflow)
        self.connection.execute("INSERT INTO workflows SELECT id, %s FROM cases", (text,))
        self.connection.commit()

    def act(self, case_id: int) -> None:
        part, run = self.part, self.connection.execute
        row = run(READ, (case_id,)).fetchone()
        assert row is not None
        text, number, before, step, event, head = row
        workflow = self.serializer.deserialize_json(text)
        task = workflow.get_next_task(state=TaskState.READY, manual=True)
        task.data["recommended_by"] = part.officer
        task.run()
        workflow.do_engine_steps()
        state = workflow.get_next_task(state=TaskState.READY, manual=True).task_spec.name
        text = self.serializer.serialize_json(workflow)
        run("UPDATE workflows SET workflow = %s WHERE case_id = %s", (text, case_id))
        run(MOVE, (state, part.bureau, step + 1, event + 1, DUE_ON, REMINDED_AT, case_id))
        run(LEAVE, (NOW, part.officer, case_id, step))
        run(ENTER, (case_id, step + 1, state, part.bureau, NOW, DUE_ON))
        told = (part.officer, part.township, before, state, DIGEST, DIGEST, NOW, NOW, head)
        run(TELL, (case_id, event + 1, *told))
        run(POST, (case_id, AUDIENCE, part.bureau, message(state, number), NOW))
        self.connection.commit()


def main(part: Part) -> None:
    office = Office(part)
    if part.number == "prepare":
        office.prepare()
        return
    cases = part.cases
    serve(lambda: office.act(next(cases)))


if __name__ == "__main__":
    main(Part.given())
