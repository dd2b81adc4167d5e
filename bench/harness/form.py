"""A form as the web client drives it, over the requests of a session.

Odoo's test ``Form`` already knows the states and onchanges of a form; here its
calls become separate requests, and the read specification asks for what the
browser asks for (names of linked records, colours of tags, no hidden lists).
"""

from lxml import etree

from odoo.tests.form import (
    Form,
    O2MForm,
    O2MProxy,
    UpdateDict,
    _cleanup_from_default,
    convert_read_to_form,
)

ALWAYS_HIDDEN = ("1", "True")


class ViewLoader:
    """Form views of one session, processed once each."""

    def __init__(self, env):
        self.env = env
        self._views = {}

    def load(self, model, view=None):
        """Return (information on models, processed view) of a form view."""
        key = model, view
        if key not in self._views:
            view_id = self.env.ref(view).id if isinstance(view, str) else view
            self._views[key] = self._process(model, view_id)
        return self._views[key]

    def _process(self, model, view_id):
        shell = _ViewShell(self.env[model], view_id)
        processed = shell._process_view(shell._tree, self.env[model])
        _complete_spec(processed)
        self.env.cr.rollback()
        self.env.clear()
        return shell._models_info, processed


class _ViewShell(Form):
    """A form that has a view and no values."""

    def __init__(self, model, view_id):
        views = model.get_views([(view_id or False, "form")])
        tree = etree.fromstring(views["views"]["form"]["arch"])
        object.__setattr__(self, "_env", model.env)
        object.__setattr__(self, "_models_info", views["models"])
        object.__setattr__(self, "_tree", tree)


def _complete_spec(view):
    """Ask for what the browser asks for, level by level."""
    for name, spec in view["fields_spec"].items():
        info = view["fields"][name]
        nodes = view["tree"].xpath(f".//field[@name='{name}']")
        hidden = all(node.get("invisible") in ALWAYS_HIDDEN for node in nodes)
        if info["type"] in ("many2one", "reference"):
            spec["fields"] = {} if hidden else {"display_name": {}}
        elif "edition_view" in info:
            if hidden:
                del spec["fields"]
            else:
                _complete_spec(info["edition_view"])
        elif info["type"] == "many2many" and not hidden:
            spec["fields"] = _tag_spec(nodes)


def _tag_spec(nodes):
    spec = {"display_name": {}}
    for node in nodes:
        if "color_field" in (node.get("options") or ""):
            spec["color"] = {}
        for column in node.xpath("./list/field"):
            spec[column.get("name")] = {}
    return spec


class _Requests:
    """What a form and a line of it ask of the server."""

    def _onchange_request(self, names, context):
        return self._session.call(
            self._record._name,
            "onchange",
            self._record.ids,
            self._get_onchange_values(),
            names,
            self._view["fields_spec"],
            context={**self._context, **context},
        )

    def _perform_onchange(self, field_name=None):
        if field_name:
            self._values._changed.add(field_name)
            if not self._view["onchange"][field_name]:
                return
        context = self._get_context(field_name) if field_name else {}
        result = self._onchange_request([field_name] if field_name else [], context)
        if not field_name:
            self._fill_missing()
        if result.get("value"):
            self._apply_onchange(_plain(result["value"], self._view["fields"]))

    def _fill_missing(self):
        for name, info in self._view["fields"].items():
            if name not in self._values:
                self._values[name] = _cleanup_from_default(info["type"], False)


class WebForm(_Requests, Form):
    """The form of one record, new if ``res_id`` is empty.

    Opening it sends the first ``onchange`` or ``web_read``; assigning a field
    sends the onchange the view declares; many2one values are given as ids.
    """

    def __init__(self, session, model, res_id=None, *, view=None, context=None):
        put = object.__setattr__
        models_info, processed = session.views.load(model, view)
        context = context or {}
        record = session.env[model].with_context(**context).browse(res_id or ())
        put(self, "_session", session)
        put(self, "_context", context)
        put(self, "_record", record)
        put(self, "_env", record.env)
        put(self, "_models_info", models_info)
        put(self, "_view", processed)
        put(self, "_values", UpdateDict())
        if res_id:
            self._init_from_record()
        else:
            self._init_from_defaults()

    @property
    def id(self):
        """Id of the saved record."""
        return self._record.id

    def _init_from_record(self):
        [values] = self._session.call(
            self._record._name,
            "web_read",
            self._record.ids,
            self._view["fields_spec"],
            context=self._context,
        )
        self._load(values)

    def _load(self, values):
        fields = self._view["fields"]
        self._values.clear()
        self._values.update(convert_read_to_form(_plain(values, fields), fields))

    def __setitem__(self, name, value):
        if self._view["fields"][name]["type"] == "many2one":
            value = self._env[self._view["fields"][name]["relation"]].browse(value)
        super().__setitem__(name, value)

    def save(self):
        """Send ``web_save`` if there is anything to save."""
        values = self._get_save_values()
        if self._record and not values:
            return
        [answer] = self._session.call(
            self._record._name,
            "web_save",
            self._record.ids,
            values,
            self._view["fields_spec"],
            context=self._context,
        )
        if not self._record:
            object.__setattr__(self, "_record", self._record.browse(answer["id"]))
        self._load(answer)

    def click(self, method, *, reload=False, context=None):
        """Save, press a button, return its action; ``reload`` reads anew."""
        self.save()
        context = {**self._context, **(context or {})}
        action = self._session.click(
            self._record._name, method, self._record.ids, context
        )
        if reload:
            self._init_from_record()
        return action

    def reload(self):
        """Read the record anew, as coming back to its form does."""
        self._init_from_record()

    def new_line(self, name):
        """Return a new line of the one2many field ``name``."""
        return WebLine(O2MProxy(self, name))


class WebLine(_Requests, O2MForm):
    """A line being typed into an editable list of a form."""

    def __init__(self, proxy):
        object.__setattr__(self, "_session", proxy._form._session)
        object.__setattr__(self, "_context", dict(proxy._model.env.context))
        super().__init__(proxy)

    def __setitem__(self, name, value):
        if self._view["fields"][name]["type"] == "many2one":
            value = self._env[self._view["fields"][name]["relation"]].browse(value)
        super().__setitem__(name, value)


def _plain(values, fields):
    """Reduce an answer to what ``Form`` keeps: ids for linked records."""
    return {
        name: _plain_value(value, fields[name]) if name != "id" else value
        for name, value in values.items()
    }


def _plain_value(value, info):
    if not value:
        return value
    if info["type"] == "many2one":
        return value["id"] if isinstance(value, dict) else value
    if info["type"] in ("one2many", "many2many"):
        subfields = info.get("edition_view", {}).get("fields", {})
        return [_plain_item(item, subfields) for item in value]
    return value


def _plain_item(item, subfields):
    """One item of an x2many answer: a record read, or an onchange command."""
    if isinstance(item, dict):
        return _plain(item, subfields) if subfields else item["id"]
    if isinstance(item, list) and len(item) == 3 and isinstance(item[2], dict):
        known = {name: item[2][name] for name in item[2] if name in subfields}
        return [item[0], item[1], _plain(known, subfields)]
    return item
