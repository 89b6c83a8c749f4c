/* SPDX-License-Identifier: BSD-2-Clause */
#include "command.h"

int main(int argc, char **argv)
{
    return (int)bm_command_main(argc, argv);
}
