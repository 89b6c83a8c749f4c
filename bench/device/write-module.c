/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * write-module: prints the ASN.1 module of the contents of bench-device, for those
 * who make their schema of one: asn1c and libtasn1.
 */
#include <stdio.h>

#include "content.h"

static const char *type_of(const Value *value)
{
    return value->kind == VALUE_OCTETS    ? "OCTET STRING"
           : value->kind == VALUE_BOOLEAN ? "BOOLEAN"
                                          : "INTEGER";
}

static gboolean write_type(const Device *device)
{
    g_autoptr(GError) error = NULL;
    Content *c = content_new(device, &error);

    if (!c) {
        fprintf(stderr, "write-module: %s\n", error->message);
        return FALSE;
    }
    printf("\n%c%s ::= SEQUENCE {\n", g_ascii_toupper(c->name[0]), c->name + 1);
    for (unsigned i = 0; i < c->n_values; i++) {
        printf("    v%u %s%s\n", i + 1, type_of(&c->values[i]), i + 1 < c->n_values ? "," : "");
    }
    printf("}\n");
    content_free(c);
    return TRUE;
}

int main(void)
{
    gboolean ok;

    printf("BENCH DEFINITIONS IMPLICIT TAGS ::= BEGIN\n");
    ok = write_type(&device_i8254) && write_type(&device_mc146818rtc) && write_type(&device_e1000);
    printf("\nEND\n");
    return ok ? 0 : 1;
}
