/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The description of all annotated structs of a header as a text that is kept
 * beside it: a GKeyFile, one group for each struct and one for each member, in
 * the order of the header, without places in it, so that it changes only when
 * what streams hold does.
 */
#ifndef IDL_STORED_H
#define IDL_STORED_H

#include "idl-model.h"

#define IDL_STRUCT_GROUP "struct "
#define IDL_KEY_STRUCT "struct"
#define IDL_KEY_VERSION "version"
#define IDL_KEY_MINIMUM "minimum"
#define IDL_KEY_NOT_SENT "not-sent"
#define IDL_KEY_REASON "reason"
#define IDL_KEY_TYPE "type"
#define IDL_KEY_ELEMENTS "elements" /* absent: 1 */
#define IDL_KEY_COUNTED "counted-by"
#define IDL_KEY_SIZE "size" /* octets of a string, bits of a bitmap */
#define IDL_KEY_OPTIONAL "optional"
#define IDL_KEY_DEFAULT "default"
#define IDL_KEY_SINCE "since" /* absent: all versions */
#define IDL_KEY_IN "in"       /* a subsection; absent: the struct itself */

/* "field DEVICE NAME" */
char *idl_field_group(const char *device, const char *name);
/* The names of all fields of a device in their order. */
char **idl_stored_fields(GKeyFile *stored, const char *device);

GKeyFile *idl_stored_from_model(const IdlModel *model);
/* NULL with *error set. */
GKeyFile *idl_stored_load(const char *path, GError **error);
gboolean idl_stored_save(GKeyFile *stored, const char *path, GError **error);

/* Streams written by what `then` describes must be readable by `model`, which
 * `now` describes: a problem of the model for each reason why they are not. */
void idl_compare(IdlModel *model, GKeyFile *then, GKeyFile *now);

#endif
