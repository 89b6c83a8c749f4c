/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The door of codec/: BER octets, records, page data.  It knows octets, not
 * virtual machines; it needs the C library, libxxhash and libzstd.
 */
#ifndef BM_CODEC_H
#define BM_CODEC_H

#include "ber.h"
#include "digest.h"
#include "fault.h"
#include "input.h"
#include "limits.h"
#include "output.h"
#include "pages.h"
#include "record-pieces.h"
#include "record.h"

#endif
