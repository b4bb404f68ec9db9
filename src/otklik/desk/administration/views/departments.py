"""Departments: the tree of who answers."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from otklik.desk.administration.fields import in_tree_order
from otklik.desk.administration.forms.structure import DepartmentForm
from otklik.desk.administration.pages import attempt, done, own, page, press
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission
from otklik.org.models import Department
from otklik.org.services import organising

managed = door(Permission.CITY_MANAGE)


@managed
def departments(request: DeskRequest) -> HttpResponse:
    """Show the tree, the closed ones too."""
    rows = list(Department.objects.filter(municipality=request.access.municipality_id))
    tree = [{"depth": min(depth, 6), "department": row} for depth, row in in_tree_order(rows)]
    return page(request, "departments", "departments", tree=tree)


@managed
def edit(request: DeskRequest, pk: int | None = None) -> HttpResponse:
    """Add, rename or move a department."""
    department = own(request, Department, pk=pk) if pk else Department()
    form = DepartmentForm(request.access, request.POST or None, instance=department)
    if request.method == "POST" and attempt(form, lambda: organising.save_department(request.access, department)):
        return done(request, _("Saved."), "departments")
    known = own(request, Department, pk=pk) if pk else None
    return page(request, "department", "departments", form=form, department=known)


@managed
@require_POST
def close(request: DeskRequest, pk: int) -> HttpResponse:
    """Take a department out of use."""
    department = own(request, Department, pk=pk)
    words = _("%(name)s is closed.") % {"name": department.title}
    return press(request, lambda: organising.close_department(request.access, department), words, "departments")


@managed
@require_POST
def reopen(request: DeskRequest, pk: int) -> HttpResponse:
    """Bring a department back."""
    department = own(request, Department, pk=pk)
    words = _("%(name)s is open again.") % {"name": department.title}
    return press(request, lambda: organising.reopen_department(request.access, department), words, "departments")
