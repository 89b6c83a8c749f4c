/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The visitor: one interface for all that can happen to a device's state.
 *
 * A walk calls a visitor once for each thing in a device, in the order of its
 * description.  An *output* visitor takes the value that the caller points to
 * (writes it as BER, as QEMUFile octets, as text ...); an *input* visitor puts
 * one there (reads it).  The walk is the same.  bm_walk() in walk.h joins an
 * input and an output visitor along a BmSchema, without any C struct; a walk
 * over the table of a C struct needs only one of the two.
 *
 * Rules for callers
 *  - begin_struct(NULL, schema) .. end_struct for the device itself, then per
 *    field of the schema exactly one of: scalar, octets, begin_struct ..
 *    end_struct, begin_group .. end_group; after the last field end_fields,
 *    then per subsection: begin_subsection .. end_subsection with the same
 *    inside.
 *  - A field with bm_field_is_packed(), and the kinds buffer, string, float and
 *    opaque, go by octets(); boolean, unsigned, signed and pointer by scalar();
 *    inside a group, one call (or struct) per element.
 *  - After a failure only bm_visitor_free() may follow.
 *
 * All functions return FALSE and set *error (domain BM_ERROR) on failure; the
 * value pointed to is then untouched.
 */
#ifndef BM_VISITOR_H
#define BM_VISITOR_H

#include "schema.h"
#include "span.h"

typedef struct BmVisitor BmVisitor;

typedef enum BmScalarType {
    BM_SCALAR_BOOLEAN,
    BM_SCALAR_UNSIGNED,
    BM_SCALAR_SIGNED,
    BM_SCALAR_NULL,    /* pointer: null */
    BM_SCALAR_PRESENT, /* pointer: the object follows */
    BM_SCALAR_RAW      /* octets of the origin that the field's kind cannot express */
} BmScalarType;

typedef struct BmScalar {
    BmScalarType type;
    union {
        gboolean boolean;
        uint64_t u;
        int64_t i;
        BmOctets raw; /* valid until the next call on the visitor that gave it */
    };
} BmScalar;

gboolean bm_visit_begin_struct(BmVisitor *v, const BmField *field, const BmSchema *schema,
                               GError **error);
gboolean bm_visit_end_struct(BmVisitor *v, GError **error);
/* The last field of a struct or subsection was visited; subsections may follow. */
gboolean bm_visit_end_fields(BmVisitor *v, GError **error);
/* The elements of an array of structs or pointers, or of a list. */
gboolean bm_visit_begin_group(BmVisitor *v, const BmField *field, GError **error);
gboolean bm_visit_end_group(BmVisitor *v, GError **error);
gboolean bm_visit_begin_subsection(BmVisitor *v, const BmSchema *schema, GError **error);
gboolean bm_visit_end_subsection(BmVisitor *v, GError **error);
gboolean bm_visit_scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error);
/* Input: *value points into the visitor's input, valid until the next call. */
gboolean bm_visit_octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error);

/* ---- many values in one call ----
 *
 * For speed alone: a visitor that has not the operation does none, and the caller goes on
 * as always. */

/* Visits fields of the innermost struct, from the next one on, whose values lie in memory
 * as the span says.  Returns how many were visited, which may be none: the field after
 * them is to be visited in the usual way, which says what is wrong if something is. */
uint32_t bm_visit_span(BmVisitor *v, const BmSpan *span);
/* TRUE if it ever visits more than none. */
gboolean bm_visitor_takes_spans(const BmVisitor *v);
/* The other side of it: TRUE if the visitor is one over a struct, from which a span may be
 * had (bm_visitor_table_in(), _out()). */
gboolean bm_visitor_has_spans(const BmVisitor *v);
/* Of one that has: the span that begins with field `first` of `schema`, which is that of
 * the innermost struct; FALSE if there is none.  It is valid until the next call.  After
 * it was visited, bm_visit_span_done() says so: `n` fields, counted from `first`. */
gboolean bm_visit_next_span(BmVisitor *v, const BmSchema *schema, uint32_t first, BmSpan *span);
void bm_visit_span_done(BmVisitor *v, uint32_t n);
/* A device, all of it at once, if it is one span with nothing to be done before, between or
 * behind its values, and `octets` can take or give it without a failure; `memory` is the
 * visitor that has spans.  FALSE: nothing was visited, and it goes as any other device does. */
gboolean bm_visit_whole(BmVisitor *memory, BmVisitor *octets, const BmSchema *schema);

/* ---- a walk without a schema ----
 *
 * QEMU's octets do not say what comes next.  An output visitor may know it, from
 * what it has been given so far; then a walk asks it (bm_walk() with no schema).
 * `elements` of its fields are not there, nor what begin_struct and
 * begin_subsection would get. */

/* Output: TRUE if it knows what it wants. */
gboolean bm_visitor_asks(const BmVisitor *v);
/* Output: the next field of the innermost struct, valid until the next call for
 * the same struct; NULL after the last one.  A failure may say which one failed. */
gboolean bm_visit_next_field(BmVisitor *v, const BmField **field, GError **error);
/* Output: the name of the innermost struct. */
const char *bm_visit_name(const BmVisitor *v);
/* Input: TRUE if it can find the ends of lists, fields and subsections by itself. */
gboolean bm_visitor_answers(const BmVisitor *v);
/* Instead of the width of such a field: its first four octets are a number, the octet of most
 * weight first, of those behind them. */
#define BM_WIDTH_IS_SAID UINT32_MAX
/* Input: the width of a field of that width, which comes next. */
gboolean bm_visit_said_width(BmVisitor *v, uint32_t *width, GError **error);
/* Input, in a list: whether another element follows. */
gboolean bm_visit_more(BmVisitor *v, const BmField *field, gboolean *more, GError **error);
/* Input, after end_fields of a struct of this name: the subsection that follows.
 * Only its name and version are set; the name is NULL if there is none, and valid
 * until the next call. */
gboolean bm_visit_next_subsection(BmVisitor *v, const char *name, BmSchema *subsection,
                                  GError **error);

/* Where an input visitor stands in its input; BM_NO_OFFSET for others. */
uint64_t bm_visitor_offset(const BmVisitor *v);

/* NULL is fine. */
void bm_visitor_free(BmVisitor *v);

/* ---- the visitors of this folder ---- */

/* Checks the calls and forgets the values. */
BmVisitor *bm_visitor_null(void);
/* BER values of one device: input from the content octets of `values`
 * (asn1/bermig.asn1, Values), whose view must outlive the visitor. */
BmVisitor *bm_visitor_ber_in(BmView values);
/* The same visitor for another device, whatever became of the one before. */
void bm_visitor_ber_in_again(BmVisitor *v, BmView values);
/* Output: appends the device's values, a SEQUENCE's content, to `w`. */
BmVisitor *bm_visitor_ber_out(BmWriter *w);

#endif
