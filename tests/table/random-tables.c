/* SPDX-License-Identifier: BSD-2-Clause */
#include "random-tables.h"

#include <string.h>

#define TABLES_MOST 8
#define ROWS_MOST 80

typedef struct Piece {
    BmTable table;
    BmTableField rows[ROWS_MOST];
    guint n;
    const BmTable *subsections[TABLES_MOST + 1];
    guint n_subsections;
    char name[32];
} Piece;

struct RandomTable {
    Piece pieces[TABLES_MOST]; /* the first is the root */
    guint n;
};

/* Rows that go together: the first says something about the others. */
static const char *const units[] = {
    "u16",
    "u32",
    "u64",
    "i8",
    "i16",
    "i32",
    "i64",
    "f64",
    "f80",
    "timer",
    "octets",
    "text",
    "map",
    "flags",
    "bytes",
    "words",
    "longs",
    "floats",
    "lines",
    "n8 part_of_buffer pointed parts2",
    "n16 allocated",
    "n32 counted buffer",
    "nint map2 items2",
    "n64 items floats2",
    "pointer",
    "item",
    "pointers",
    "numbers",
    "one",
    "two",
    "parts",
    "queue",
    "tree",
    "nodes",
    "tailq",
    "list",
    "swapped",
    "tmp",
    "equal",
    "at_most",
    "has_later later",
};

static gboolean coin(GRand *random)
{
    return g_rand_boolean(random);
}

/* ---- conditions: `yes` and `u8` are in the root before all else ---- */

static gboolean is_yes(const void *box, uint32_t version)
{
    (void)version;
    return ((const Box *)box)->yes;
}

static gboolean yes_needed(const void *box)
{
    return ((const Box *)box)->yes;
}

static gboolean odd_needed(const void *box)
{
    return ((const Box *)box)->u8 % 2;
}

/* ---- rows ---- */

static const BmTableField *box_row(const char *name)
{
    for (const BmTableField *row = box_table.fields; row->name; row++) {
        if (!strcmp(row->name, name)) {
            return row;
        }
    }
    g_assert_not_reached();
}

static void add_row(Piece *p, const char *name)
{
    g_assert(p->n + 1 < ROWS_MOST);
    p->rows[p->n++] = *box_row(name);
}

static void add_unit(GRand *random, Piece *p, const char *names)
{
    g_auto(GStrv) list = g_strsplit(names, " ", -1);
    /* All or none of them: what one says about another must be sent too. */
    gboolean condition = g_rand_int_range(random, 0, 8) == 0 && strcmp(list[0], "has_later") != 0;

    for (char **name = list; *name; name++) {
        add_row(p, *name);
        if (condition) {
            p->rows[p->n - 1].when = is_yes;
            p->rows[p->n - 1].condition = "yes";
        }
        if (g_rand_int_range(random, 0, 10) == 0) {
            p->rows[p->n++] = (BmTableField)BM_FIELD_UNUSED((size_t)g_rand_int_range(random, 1, 9));
        }
    }
}

/* ---- tables ---- */

static Piece *add_piece(RandomTable *t, const char *format)
{
    Piece *p = &t->pieces[t->n];

    g_snprintf(p->name, sizeof(p->name), format, t->n);
    p->table = (BmTable){.name = p->name,
                         .version = t->n + 1,
                         .fields = p->rows,
                         .subsections = p->subsections,
                         .size = sizeof(Box)};
    t->n++;
    return p;
}

/* Over the same box, as another part of it. */
static void add_struct(RandomTable *t, Piece *to)
{
    Piece *p = add_piece(t, "inner%u");

    to->rows[to->n++] = (BmTableField){
        .name = p->name, .type = BM_TYPE_STRUCT, .size = sizeof(Box), .table = &p->table};
}

static void add_subsection(GRand *random, RandomTable *t, Piece *to)
{
    Piece *p = add_piece(t, "");

    g_snprintf(p->name, sizeof(p->name), "%s/sub%u", to->name, t->n - 1);
    p->table.needed = coin(random) ? yes_needed : coin(random) ? odd_needed : NULL;
    p->table.droppable = coin(random);
    to->subsections[to->n_subsections++] = &p->table;
}

static void add_pieces(GRand *random, RandomTable *t)
{
    for (int n = g_rand_int_range(random, 0, TABLES_MOST); n > 0; n--) {
        Piece *to = &t->pieces[g_rand_int_range(random, 0, (gint32)t->n)];

        if (coin(random)) {
            add_struct(t, to);
        } else {
            add_subsection(random, t, to);
        }
    }
}

static void shuffle(GRand *random, const char **list, guint n)
{
    for (guint i = n - 1; i > 0; i--) {
        guint j = (guint)g_rand_int_range(random, 0, (gint32)i + 1);
        const char *name = list[i];

        list[i] = list[j];
        list[j] = name;
    }
}

RandomTable *random_table_new(GRand *random)
{
    RandomTable *t = g_new0(RandomTable, 1);
    const char *names[G_N_ELEMENTS(units)];

    add_piece(t, "root");
    add_row(&t->pieces[0], "yes");
    add_row(&t->pieces[0], "u8");
    add_pieces(random, t);
    memcpy(names, units, sizeof(units));
    shuffle(random, names, G_N_ELEMENTS(units));
    for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
        Piece *p = &t->pieces[g_rand_int_range(random, 0, (gint32)t->n)];

        if (g_rand_int_range(random, 0, 4) > 0) {
            add_unit(random, p, names[i]);
        }
    }
    return t;
}

void random_table_free(RandomTable *table)
{
    g_free(table);
}

const BmTable *random_table(const RandomTable *table)
{
    return &table->pieces[0].table;
}
