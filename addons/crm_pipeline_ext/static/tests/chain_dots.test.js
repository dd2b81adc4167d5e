import {expect, test} from "@odoo/hoot";
import {queryAllAttributes, queryAllTexts} from "@odoo/hoot-dom";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {defineModels, fields, models, mountView} from "@web/../tests/web_test_helpers";

class Sale extends models.Model {
    _name = "sale";

    step = fields.Selection({
        selection: [
            ["lead", "Enquiry"],
            ["quotation", "Quotation"],
            ["order", "Order"],
        ],
    });

    _records = [
        {id: 1, step: "quotation"},
        {id: 2, step: false},
    ];
}
defineMailModels();
defineModels([Sale]);

test("chain_dots: a dot for each step, filled up to the last passed", async () => {
    await mountView({
        type: "kanban",
        resModel: "sale",
        arch: `<kanban><templates><t t-name="card">
            <field name="step" widget="chain_dots"/>
        </t></templates></kanban>`,
    });
    expect(".o_chain_dots").toHaveCount(1);
    expect(".o_chain_dot").toHaveCount(3);
    expect(".o_chain_dot_passed").toHaveCount(2);
    expect(queryAllTexts(".o_chain_dots small")).toEqual(["Quotation"]);
    expect(queryAllAttributes(".o_chain_dots [role=img]", "aria-label")).toEqual([
        "Quotation: step 2 of 3",
    ]);
});
