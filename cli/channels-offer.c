/* SPDX-License-Identifier: BSD-2-Clause */
#include "channels-offer.h"

#include <string.h>

#include "join.h"
#include "negotiate.h"

#define CHANNELS BM_CHANNELS_CAPABILITY
#define CHANNEL "channel"

/* The value of "NAME=VALUE" among the parameters of a capability; NULL without. */
static const char *value_of(const BmHello *hello, const char *capability, const char *name)
{
    size_t len = strlen(name);

    for (const char *const *p = bm_hello_parameters(hello, capability); p != NULL && *p != NULL;
         p++) {
        if (strncmp(*p, name, len) == 0 && (*p)[len] == '=') {
            return *p + len + 1;
        }
    }
    return NULL;
}

/* From 1 up to the most channels that there can be; 0 if it is no such number. */
static unsigned number_of(const BmHello *hello, const char *capability, const char *name)
{
    const char *value = value_of(hello, capability, name);
    guint64 number = 0;

    if (value != NULL) {
        g_ascii_string_to_unsigned(value, 10, 1, BM_LIMIT_CHANNELS, &number, NULL);
    }
    return (unsigned)number;
}

static gboolean token_of(const BmHello *hello, const char *capability, BmToken *token)
{
    const char *value = value_of(hello, capability, "token");

    return value != NULL && bm_token_parse(value, token);
}

static void add(BmHelloBox *hello, const char *capability, const char *name, unsigned number,
                const BmToken *token, const char *more)
{
    g_autofree char *value = g_strdup_printf("%s=%u", name, number);
    g_autofree char *secret = token != NULL ? bm_token_parameter(token) : NULL;

    bm_hello_box_add(hello, capability, (const char *const[]){value, secret, more, NULL});
}

void bm_channels_offer_add(const BmChannelsOffer *offer, BmHelloBox *hello)
{
    add(hello, CHANNELS, "max", offer->max, &offer->token, offer->sessions ? "sessions=1" : NULL);
}

gboolean bm_channels_offer_find(const BmHello *hello, BmChannelsOffer *offer)
{
    *offer = (BmChannelsOffer){.max = number_of(hello, CHANNELS, "max")};
    if (offer->max == 0 || !token_of(hello, CHANNELS, &offer->token)) {
        return FALSE;
    }
    offer->sessions = offer->token.len < BM_LIMIT_TOKEN_MAX &&
                      g_strcmp0(value_of(hello, CHANNELS, "sessions"), "1") == 0;
    return TRUE;
}

BmToken bm_channel_token(const BmToken *token, unsigned number)
{
    BmToken own = *token;

    own.data[own.len++] = (uint8_t)number;
    return own;
}

void bm_channels_count_add(unsigned count, BmHelloBox *hello)
{
    add(hello, CHANNELS, "count", count, NULL, NULL);
}

unsigned bm_channels_count_find(const BmHello *hello)
{
    return number_of(hello, CHANNELS, "count");
}

void bm_channel_number_add(unsigned number, const BmToken *token, BmHelloBox *hello)
{
    add(hello, CHANNEL, "number", number, token, NULL);
}

gboolean bm_channel_number_find(const BmHello *hello, unsigned *number, BmToken *token)
{
    *number = number_of(hello, CHANNEL, "number");
    return *number > 0 && token_of(hello, CHANNEL, token);
}
