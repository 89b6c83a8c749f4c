/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests: descriptions in one expression, and two small visitors.
 */
#ifndef BM_SAMPLES_H
#define BM_SAMPLES_H

#include "visitor.h"

#define UNSIGNED(n, w) ((BmField){.name = (n), .kind = BM_KIND_UNSIGNED, .width = (w), .count = 1})
#define SIGNED(n, w) ((BmField){.name = (n), .kind = BM_KIND_SIGNED, .width = (w), .count = 1})
#define BOOLEAN(n) ((BmField){.name = (n), .kind = BM_KIND_BOOLEAN, .width = 1, .count = 1})
#define BUFFER(n, w) ((BmField){.name = (n), .kind = BM_KIND_BUFFER, .width = (w), .count = 1})
#define OPAQUE(n, w) ((BmField){.name = (n), .kind = BM_KIND_OPAQUE, .width = (w), .count = 1})
#define STRING(n) ((BmField){.name = (n), .kind = BM_KIND_STRING, .count = 1})
#define ARRAY(n, k, w, c) ((BmField){.name = (n), .kind = (k), .width = (w), .count = (c)})
#define STRUCTS(n, c, element)                                                                     \
    ((BmField){.name = (n),                                                                        \
               .kind = BM_KIND_STRUCT,                                                             \
               .count = (c),                                                                       \
               .elements = (const BmSchema *[]){element},                                          \
               .n_elements = 1})
#define STRUCT(n, element) STRUCTS(n, 1, element)
#define LIST(n, ...)                                                                               \
    ((BmField){.name = (n),                                                                        \
               .kind = BM_KIND_LIST,                                                               \
               .count = 1,                                                                         \
               .elements = (const BmSchema *[]){__VA_ARGS__},                                      \
               .n_elements = sizeof((const BmSchema *[]){__VA_ARGS__}) / sizeof(BmSchema *)})

/* Interns a schema of version 1; it must be accepted. */
#define SCHEMA(set, name, ...)                                                                     \
    sample_schema((set), (name), (const BmField[]){__VA_ARGS__},                                   \
                  sizeof((const BmField[]){__VA_ARGS__}) / sizeof(BmField), NULL)
#define SCHEMA_WITH(set, name, subsection, ...)                                                    \
    sample_schema((set), (name), (const BmField[]){__VA_ARGS__},                                   \
                  sizeof((const BmField[]){__VA_ARGS__}) / sizeof(BmField), (subsection))

const BmSchema *sample_schema(BmSchemaSet *set, const char *name, const BmField *fields, size_t n,
                              const BmSchema *subsection);

/* Interns one schema of one field; NULL if it is not accepted. */
const BmSchema *try_schema(BmSchemaSet *set, const char *name, BmField field, GError **error);

/* Gives each field a value that fits: numbers count up from 1, octets are `x`.
 * Its offset is 10 for each value given.  `fail_at`: the value, counted from 1,
 * that cannot be read (0: none). */
BmVisitor *counting_in(uint64_t fail_at);

/* Writes what it is called with into `log`: "{name ", "} ", "[name ", "] ",
 * "<name ", "> ", "name=value ".  `fail_at` as above. */
BmVisitor *logging_out(GString *log, uint64_t fail_at);

#endif
