"""The award process as a flow of Viewflow, written as in its quick start."""

from __future__ import annotations

from viewflow import this
from viewflow.workflow import flow, lock
from viewflow.workflow.flow import views


class AwardFlow(flow.Flow):
    lock_impl = lock.SelectForUpdateLock()

    start = flow.StartHandle().Next(this.precheck)
    precheck = (
        flow.View(views.UpdateProcessView.as_view(fields=[])).Permission("auth.add_user").Next(this.review)
    )
    review = flow.View(views.UpdateProcessView.as_view(fields=[])).Next(this.meeting)
    meeting = flow.View(views.UpdateProcessView.as_view(fields=[])).Next(this.end)
    end = flow.End()
