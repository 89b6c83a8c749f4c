/* SPDX-License-Identifier: BSD-2-Clause */
/* The model as C: tables, the functions that their rows need, save and load. */
#ifndef IDL_GENERATE_H
#define IDL_GENERATE_H

#include "idl-model.h"

/* BASE.c and BASE.h. `include` is how BASE.h names the header. */
char *idl_generate_header(const IdlModel *model, const char *base, const char *include);
char *idl_generate_code(const IdlModel *model, const char *base);

/* idl-rows.c: everything of one struct but its BmTable. */
void idl_generate_rows(GString *out, const IdlStruct *s);
/* What the names of a subsection's rows and table begin with; the caller's. */
char *idl_subsection_name(const IdlStruct *s, guint number);
/* Text as a literal of C, with its quotes. */
char *idl_quote(const char *text);

#endif
