/* support.h - what several tests need. */
#ifndef SUPPORT_SUPPORT_H
#define SUPPORT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/catalog.h"

/* The catalogue inside the program; fails the test when it cannot be loaded. */
const catalog *support_catalog(arena *a);

#endif
