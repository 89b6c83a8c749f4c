/* SPDX-License-Identifier: BSD-2-Clause */
#include "oracle-members.h"

#include <zstd.h>

#include "oracle-values.h"

gboolean source_ok(const Source *src)
{
    return src->error == NULL;
}

void source_wrong(Source *src, const char *path)
{
    bm_error_set(&src->error, BM_MISMATCH, BM_NO_OFFSET, path, "%s cannot read it",
                 src->oracle->name);
}

void *source_keep(Source *src, void *memory)
{
    g_ptr_array_add(src->keep, memory);
    return memory;
}

const char *source_join(Source *src, const char *a, const char *b)
{
    return source_keep(src, *a ? g_strconcat(a, ".", b, NULL) : g_strdup(b));
}

const char *source_nth(Source *src, const char *list, int i)
{
    return source_keep(src, g_strdup_printf("%s.?%d", list, i + 1));
}

gboolean source_present(Source *src, const char *path)
{
    BmOctets content;

    return src->oracle->get(src->node, path, &content);
}

BmOctets source_octets(Source *src, const char *path)
{
    BmOctets content = {NULL, 0};

    if (!src->oracle->get(src->node, path, &content)) {
        source_wrong(src, path);
    }
    if (!content.data) {
        content.data = (const uint8_t *)""; /* NULL is for what is not there */
    }
    return content;
}

uint64_t source_number(Source *src, const char *path, uint64_t max)
{
    uint64_t value = 0;

    if (!oracle_unsigned(source_octets(src, path), max, &value)) {
        source_wrong(src, path);
    }
    return value;
}

uint32_t source_number32(Source *src, const char *path)
{
    return (uint32_t)source_number(src, path, UINT32_MAX);
}

uint64_t source_number_or(Source *src, const char *path, uint64_t absent)
{
    return source_present(src, path) ? source_number(src, path, UINT64_MAX) : absent;
}

char *source_text(Source *src, const char *path)
{
    BmOctets content = source_octets(src, path);

    return source_keep(src, g_strndup((const char *)content.data, content.len));
}

gboolean source_is_choice(Source *src, const char *path, const char *name)
{
    return g_strcmp0(src->oracle->choice(src->node, path), name) == 0;
}

int source_count(Source *src, const char *path)
{
    int n = src->oracle->count(src->node, path);

    if (n < 0) {
        source_wrong(src, path);
    }
    return MAX(n, 0);
}

/* ---- page data ---- */

BmOctets source_decompress(Source *src, const char *path)
{
    uint64_t size = source_number(src, source_join(src, path, "size"), BM_LIMIT_DESCRIPTION);
    BmOctets packed = source_octets(src, source_join(src, path, "data"));
    uint8_t *plain = source_keep(src, g_malloc(size + 1));

    if (source_ok(src) && ZSTD_decompress(plain, size, packed.data, packed.len) != size) {
        source_wrong(src, path);
    }
    return (BmOctets){plain, size};
}

BmOctets source_page_data(Source *src, const char *path)
{
    if (source_is_choice(src, path, "zstd")) {
        return source_decompress(src, source_join(src, path, "zstd"));
    }
    return source_octets(src, source_join(src, path, "plain"));
}

const char *source_text_or_none(Source *src, const char *path)
{
    return source_present(src, path) ? source_text(src, path) : NULL;
}

BmSection source_section(Source *src)
{
    return (BmSection){source_number32(src, "id"), source_text(src, "name"),
                       source_number32(src, "instance"), source_number32(src, "version")};
}
