/* SPDX-License-Identifier: BSD-2-Clause */
/* The description of all objects of a table, with no object at hand. */
#include <criterion/criterion.h>
#include <string.h>

#include "box.h"
#include "passage-of-tables.h"

static const BmField *field(const BmSchema *schema, const char *name)
{
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        if (!strcmp(schema->fields[i].name, name)) {
            return &schema->fields[i];
        }
    }
    cr_assert_fail("%s has no field %s", schema->name, name);
    return NULL;
}

static void expect(const BmSchema *schema, const char *name, const char *type, uint32_t count,
                   const char *condition)
{
    const BmField *f = field(schema, name);

    cr_expect_str_eq(bm_field_type(f), type, "%s: %s", name, bm_field_type(f));
    cr_expect_eq(f->count, count, "%s: %u", name, f->count);
    cr_expect(!g_strcmp0(f->condition, condition), "%s: %s", name, f->condition);
}

Test(descriptions, conditions_and_maxima_are_in_it)
{
    BmSchemaSet *set = bm_schema_set_new();
    GError *error = NULL;
    const BmSchema *schema = bm_table_schema(&box_table, set, &error);

    cr_assert(schema, "%s", SAYS(error));
    expect(schema, "yes", "bool", 1, NULL);
    expect(schema, "timer", "timer", 1, NULL);
    expect(schema, "map", "bitmap", 2, NULL);
    expect(schema, "counted", "uint32", BOX_MOST, "as many as n32");
    expect(schema, "pointers", "struct", 4, "where not null");
    expect(schema, "queue", "qtailq", 1, NULL);
    expect(schema, "list", "qlist", 1, NULL);
    expect(schema, "tree", "gtree", 1, NULL);
    expect(schema, "tmp", "tmp", 1, NULL);
    expect(schema, "equal", "uint8 equal", 1, NULL);
    expect(schema, "at_most", "int32 le", 1, NULL);
    expect(schema, "has_later", "bool", 1, "version >= 2");
    expect(schema, "later", "uint32", 1, "version >= 2 and has_later");
    expect(schema, "unused[1]", "unused_buffer", 1, NULL);
    cr_expect_str_eq(field(schema, "tree")->elements[0]->fields[0].name, "key");
    cr_assert_eq(schema->n_subsections, 1);
    cr_expect_str_eq(schema->subsections[0]->condition, "has_sub");
    cr_expect_eq(bm_table_schema(&box_table, set, NULL), schema);
    bm_schema_set_free(set);
}

/* Each field of any object has its place in it. */
static void fits(const BmSchema *all, const BmSchema *one)
{
    cr_assert_str_eq(all->name, one->name);
    for (uint32_t i = 0; i < one->n_fields; i++) {
        const BmField *is = &one->fields[i], *may = field(all, is->name);

        cr_expect_leq(is->first + is->count, may->count, "%s", is->name);
        if (is->kind == BM_KIND_POINTER) {
            cr_expect(may->condition && strstr(may->condition, "where not null"));
            continue;
        }
        cr_expect_eq(is->kind, may->kind, "%s", is->name);
        cr_expect_leq(is->width, may->width, "%s", is->name);
        for (uint32_t j = 0; j < is->n_elements; j++) {
            fits(may->elements[0], is->elements[j]);
        }
    }
}

Test(descriptions, fit_all_objects)
{
    GRand *random = g_rand_new_with_seed(1);

    for (unsigned i = 0; i < 100; i++) {
        BmSchemaSet *set = bm_schema_set_new();
        Box *box = box_new(g_rand_int(random) & g_rand_int(random) & 0x3ff);

        box_fill(box, random);
        fits(bm_table_schema(&box_table, set, NULL), bm_table_describe(&box_table, box, set, NULL));
        box_free(box);
        bm_schema_set_free(set);
    }
    g_rand_free(random);
}

/* ---- not sent ---- */

static const BmTableField host_fields[] = {BM_FIELD_I16(Item, x), BM_FIELD_END};
static const BmTable host_table = {.name = "host",
                                   .fields = host_fields,
                                   .size = sizeof(Item),
                                   .why_not = "it belongs to the host"};
static const BmTable host_sub = {.name = "dev/host",
                                 .fields = host_fields,
                                 .size = sizeof(Item),
                                 .droppable = TRUE,
                                 .why_not = "broken"};
static const BmNotSent not_sent[] = {{"y", "derived", "post_load makes it"}, {NULL}};
static const BmTableField dev_fields[] = {
    {.name = "host", .type = BM_TYPE_STRUCT, .table = &host_table},
    BM_FIELD_I16(Item, x),
    BM_FIELD_END,
};
static const BmTable dev_table = {.name = "dev",
                                  .fields = dev_fields,
                                  .subsections = (const BmTable *const[]){&host_sub, NULL},
                                  .size = sizeof(Item),
                                  .not_sent = not_sent};

Test(descriptions, say_what_is_not_sent_and_why)
{
    BmSchemaSet *set = bm_schema_set_new();
    const BmSchema *schema = bm_table_schema(&dev_table, set, NULL);
    Item item = {7, 8}, other = {0, 9};
    Saved saved;

    cr_expect_str_eq(field(schema, "host")->condition, "not sent: it belongs to the host");
    cr_expect_str_eq(field(schema, "y")->condition, "not sent, derived: post_load makes it");
    cr_expect_str_eq(schema->subsections[0]->condition, "not sent: broken");
    cr_expect(schema->subsections[0]->droppable);

    cr_assert(save(&dev_table, &item, FORM_PLAIN, &saved, NULL));
    cr_expect_eq(saved.octets->len, 2);
    cr_expect(load(&dev_table, &other, FORM_BER + 1, &saved, NULL, NULL));
    cr_expect_eq(other.x, 7);
    cr_expect_eq(other.y, 9);
    saved_clear(&saved);
    bm_schema_set_free(set);
}

/* ---- tables without end ---- */

static const BmTable endless_table;
static const BmTableField endless_fields[] = {
    {.name = "left", .type = BM_TYPE_STRUCT, .shape = BM_SHAPE_POINTER, .table = &endless_table},
    {.name = "queue", .type = BM_TYPE_QUEUE, .offset = sizeof(void *), .table = &endless_table},
    BM_FIELD_END,
};
static const BmTable endless_table = {
    .name = "endless", .fields = endless_fields, .size = 2 * sizeof(void *)};

Test(descriptions, tables_may_refer_to_themselves_but_not_be_described)
{
    BmSchemaSet *set = bm_schema_set_new();
    GError *error = NULL;
    gpointer object[2] = {NULL, NULL}, circle[2] = {circle, NULL};
    Saved saved;

    cr_expect_null(bm_table_schema(&endless_table, set, &error));
    cr_expect_eq(error->code, BM_LIMIT);
    g_clear_error(&error);
    cr_expect_null(bm_table_describe(&endless_table, circle, set, &error));
    cr_expect_eq(error->code, BM_LIMIT);
    g_clear_error(&error);
    cr_assert(save(&endless_table, object, FORM_BER, &saved, &error), "%s", SAYS(error));
    cr_expect(load(&endless_table, object, FORM_BER, &saved, NULL, &error), "%s", SAYS(error));
    saved_clear(&saved);
    bm_table_clear(&endless_table, object);
    bm_schema_set_free(set);
}
