/* SPDX-License-Identifier: BSD-2-Clause */
#include "session-offer.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define CAPABILITY "session"
#define TOKEN_LEN 16
#define WINDOW (64u << 20)
/* No hello is longer. */
#define HELLO_MAX (1u << 20)

/* ---- options ---- */

/* "64M": FALSE if it is no number of octets. */
static gboolean parse_size(const char *text, uint64_t *size)
{
    static const char units[] = "KMG";
    char *end;
    guint64 number = g_ascii_strtoull(text, &end, 10);
    const char *unit = *end != '\0' ? strchr(units, *end) : NULL;
    unsigned shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;

    if (!g_ascii_isdigit(text[0]) || end[unit != NULL] != '\0' || number > G_MAXUINT32) {
        return FALSE;
    }
    *size = number << shift;
    return TRUE;
}

char *bm_session_options_check(BmSessionOptions *options)
{
    g_autofree char *window = g_steal_pointer(&options->window);
    BmSessionTerms *terms = &options->terms;

    *terms = (BmSessionTerms){(guint32)options->stall, (guint32)options->resume, WINDOW};
    if (options->stall < 0) {
        return g_strdup_printf("--stall-timeout=%d: expected seconds", options->stall);
    }
    if (options->resume < 0) {
        return g_strdup_printf("--resume=%d: expected seconds", options->resume);
    }
    if (window != NULL &&
        (!parse_size(window, &terms->window) || terms->window < BM_LIMIT_WINDOW_MIN)) {
        return g_strdup_printf("--window=%s: expected a size from 1M on, like 64M", window);
    }
    return NULL;
}

/* ---- receiving ---- */

gboolean bm_session_offer_new(BmSessionOffer *offer, const BmSessionOptions *options,
                              GError **error)
{
    *offer = (BmSessionOffer){.token_len = TOKEN_LEN, .terms = options->terms};
    return getrandom(offer->token, TOKEN_LEN, 0) == TOKEN_LEN ||
           bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "getrandom: %s", g_strerror(errno));
}

static char *token_text(const BmSessionOffer *offer)
{
    GString *text = g_string_new("token=");

    for (size_t i = 0; i < offer->token_len; i++) {
        g_string_append_printf(text, "%02x", offer->token[i]);
    }
    return g_string_free(text, FALSE);
}

gboolean bm_session_say_hello(BmStreamVisitor *s, const BmHello *hello, const BmSessionOffer *offer,
                              GError **error)
{
    g_autofree char *token = token_text(offer);
    g_autofree char *stall = g_strdup_printf("stall=%u", offer->terms.stall);
    g_autofree char *resume = g_strdup_printf("resume=%u", offer->terms.resume);
    g_autofree char *window = g_strdup_printf("window=%" G_GUINT64_FORMAT, offer->terms.window);
    const char *const parameters[] = {token, stall, resume, window, NULL};
    g_autofree BmCapability *list = g_new(BmCapability, hello->n_capabilities + 1);
    BmHello more = *hello;

    memcpy(list, hello->capabilities, hello->n_capabilities * sizeof(*list));
    list[more.n_capabilities++] = (BmCapability){CAPABILITY, parameters};
    more.capabilities = list;
    return bm_stream_hello(s, &more, error);
}

/* ---- sending ---- */

static gboolean parse_token(const char *hex, BmSessionOffer *offer)
{
    size_t len = strlen(hex);

    if (len % 2 != 0 || len < 2 * BM_LIMIT_TOKEN_MIN || len > 2 * BM_LIMIT_TOKEN_MAX) {
        return FALSE;
    }
    for (size_t i = 0; i < len; i++) {
        int digit = g_ascii_xdigit_value(hex[i]);

        if (digit < 0) {
            return FALSE;
        }
        offer->token[i / 2] = (uint8_t)(offer->token[i / 2] << 4 | digit);
    }
    offer->token_len = len / 2;
    return TRUE;
}

static gboolean parse_seconds(const char *text, guint32 *seconds)
{
    guint64 value = 0;
    gboolean ok = g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT32, &value, NULL);

    *seconds = (guint32)value;
    return ok;
}

/* Parameters that are not known mean nothing. */
static gboolean parse_parameter(const char *text, BmSessionOffer *offer)
{
    if (g_str_has_prefix(text, "token=")) {
        return parse_token(text + strlen("token="), offer);
    }
    if (g_str_has_prefix(text, "stall=")) {
        return parse_seconds(text + strlen("stall="), &offer->terms.stall);
    }
    if (g_str_has_prefix(text, "resume=")) {
        return parse_seconds(text + strlen("resume="), &offer->terms.resume);
    }
    if (g_str_has_prefix(text, "window=")) {
        return g_ascii_string_to_unsigned(text + strlen("window="), 10, BM_LIMIT_WINDOW_MIN,
                                          G_MAXUINT64, &offer->terms.window, NULL);
    }
    return TRUE;
}

static gboolean parse_capability(const BmCapability *capability, BmSessionOffer *offer)
{
    *offer = (BmSessionOffer){.terms = {.window = BM_LIMIT_WINDOW_MIN}};
    for (const char *const *p = capability->parameters; *p != NULL; p++) {
        if (!parse_parameter(*p, offer)) {
            return FALSE;
        }
    }
    return offer->token_len > 0;
}

typedef struct Finder {
    BmStreamVisitor base;
    gboolean said; /* the hello has come */
    gboolean found;
    BmSessionOffer *offer;
} Finder;

static gboolean find_in_hello(BmStreamVisitor *s, const BmHello *hello, GError **error)
{
    Finder *f = (Finder *)s;

    (void)error;
    f->said = TRUE;
    for (uint32_t i = 0; i < hello->n_capabilities && !f->found; i++) {
        f->found = strcmp(hello->capabilities[i].name, CAPABILITY) == 0 &&
                   parse_capability(&hello->capabilities[i], f->offer);
    }
    return TRUE;
}

/* Reads what is at hand as a stream; TRUE if more of it may help. */
static gboolean look(BmInput *back, Finder *f)
{
    g_autoptr(GError) error = NULL;
    BmInput *in = bm_input_memory(bm_input_data(back), bm_input_available(back));

    if (in == NULL) {
        return FALSE;
    }
    bm_ber_stream_read(in, &f->base, FALSE, NULL, &error);
    bm_input_free(in);
    return !f->said && g_error_matches(error, BM_ERROR, BM_TRUNCATED) &&
           bm_input_available(back) < HELLO_MAX;
}

gboolean bm_session_find_offer(BmInput *back, unsigned seconds, BmSessionOffer *offer)
{
    static const BmStreamOps ops = {.hello = find_in_hello};
    Finder f = {.base = {.ops = &ops}, .offer = offer};
    size_t have = 0;

    do {
        have = bm_input_available(back);
    } while (look(back, &f) && bm_input_fill_within(back, have + 1, (int)seconds * 1000) > have);
    return f.found;
}
