/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The record that an oracle has decoded: its members by their paths ("items.?1.zeros"),
 * and where they go.
 */
#ifndef ORACLE_MEMBERS_H
#define ORACLE_MEMBERS_H

#include "oracle-source.h"

/* One record at a time is decoded.  Errors stick: members that are wrong or not
 * there read as 0, and the record's call to the visitor is not made. */
typedef struct Source {
    const Oracle *oracle;
    BmStreamVisitor *s;
    void *node;
    BmSchemaSet *set;
    GHashTable *names; /* of live sections, by their ids */
    uint64_t page_size;
    GPtrArray *keep; /* what must live as long as the record */
    GError *error;
} Source;

/* The numbers of SectionState; complete is its absence. */
enum { OPEN, BARE, COMPLETE };

gboolean source_ok(const Source *src);
void source_wrong(Source *src, const char *path);
/* Frees it when the record has been handed on. */
void *source_keep(Source *src, void *memory);

/* "a.b", and the element `i` of a list, from 0 on. */
const char *source_join(Source *src, const char *a, const char *b);
const char *source_nth(Source *src, const char *list, int i);

gboolean source_present(Source *src, const char *path);
gboolean source_is_choice(Source *src, const char *path, const char *name);
int source_count(Source *src, const char *path);

/* What is read lives as long as the record. */
BmOctets source_octets(Source *src, const char *path);
uint64_t source_number(Source *src, const char *path, uint64_t max);
uint32_t source_number32(Source *src, const char *path);
uint64_t source_number_or(Source *src, const char *path, uint64_t absent);
char *source_text(Source *src, const char *path);
const char *source_text_or_none(Source *src, const char *path); /* NULL: it is not there */
BmOctets source_decompress(Source *src, const char *path);
BmOctets source_page_data(Source *src, const char *path);
BmSection source_section(Source *src);

/* A record of a live section (oracle-live.c). */
void source_read_live(Source *src, BmRecordType type);

#endif
