/* SPDX-License-Identifier: BSD-2-Clause */
#include "session-offer.h"

#include <string.h>

#include "negotiate.h"

#define CAPABILITY "session"
#define RESUME 10 /* seconds */
#define WINDOW (64u << 20)

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

    options->resume_given = options->resume != BM_SESSION_RESUME_DEFAULT;
    options->resume = options->resume_given ? options->resume : RESUME;
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
    *offer = (BmSessionOffer){.terms = options->terms};
    return bm_token_new(&offer->token, error);
}

void bm_session_offer_add(const BmSessionOffer *offer, BmHelloBox *hello)
{
    g_autofree char *token = bm_token_parameter(&offer->token);
    g_autofree char *stall = g_strdup_printf("stall=%u", offer->terms.stall);
    g_autofree char *resume = g_strdup_printf("resume=%u", offer->terms.resume);
    g_autofree char *window = g_strdup_printf("window=%" G_GUINT64_FORMAT, offer->terms.window);

    bm_hello_box_add(hello, CAPABILITY, (const char *const[]){token, stall, resume, window, NULL});
}

/* ---- sending ---- */

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
        return bm_token_parse(text + strlen("token="), &offer->token);
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

static gboolean parse_parameters(const char *const *parameters, BmSessionOffer *offer)
{
    *offer = (BmSessionOffer){.terms = {.window = BM_LIMIT_WINDOW_MIN}};
    for (const char *const *p = parameters; *p != NULL; p++) {
        if (!parse_parameter(*p, offer)) {
            return FALSE;
        }
    }
    return offer->token.len > 0;
}

gboolean bm_session_find_offer(const BmHello *hello, BmSessionOffer *offer)
{
    const char *const *parameters = bm_hello_parameters(hello, CAPABILITY);

    return parameters != NULL && parse_parameters(parameters, offer);
}
