#!/usr/bin/env bash
# No library that must be deterministic asks for libm, a clock, unaddressed chance, the environment or the locale: what
# its objects leave undefined is looked through. tests/tidy.cmake reads the sources for the same; this sees what
# compilers and macros made of them.
#   nm.sh LIBRARY...          NM names the program, nm unless told
#   nm.sh --self-test CC      plants calls, which must be found
set -euo pipefail
nm=${NM:-nm}

# All of libm but for fabs, copysign and the classification macros, which compilers expand and which round nothing.
math="acos acosh asin asinh atan atan2 atanh cbrt ceil cos cosh drem erf erfc exp exp10 exp2 expm1 fdim floor fma fmax
fmin fmod frexp gamma hypot ilogb j0 j1 jn ldexp lgamma lgamma_r llrint llround log log10 log1p log2 logb lrint lround
modf nearbyint nextafter nexttoward pow pow10 remainder remquo rint round roundeven scalb scalbln scalbn significand sin
sincos sinh sqrt tan tanh tgamma trunc y0 y1 yn fesetround feenableexcept cexp clog cpow csqrt cabs"
other="time clock clock_gettime clock_getres gettimeofday timespec_get ftime times getrusage nanosleep usleep sleep
localtime localtime_r gmtime gmtime_r mktime timegm ctime ctime_r asctime strftime strptime
rand rand_r srand random srandom drand48 erand48 lrand48 mrand48 getrandom getentropy arc4random arc4random_uniform
getenv secure_getenv setenv putenv getpid gettid sched_getcpu gethostname
setlocale localeconv newlocale uselocale strcoll strxfrm nl_langinfo atof"

# Prints `library(object): symbol` for each finding; fails when there is one.
look() {
    "$nm" -A -u "$@" | awk -v math="$math" -v other="$other" '
        BEGIN {
            n = split(math, names)
            for (i = 1; i <= n; i++) {
                banned[names[i]]; banned[names[i] "f"]; banned[names[i] "l"]
                banned["__" names[i] "_finite"] # what -ffast-math calls
            }
            n = split(other, names)
            for (i = 1; i <= n; i++) banned[names[i]]
        }
        { seen++; symbol = $NF; sub(/@.*/, "", symbol) }
        symbol in banned { where = $1; sub(/:$/, "", where); print where ": " symbol; wrong++ }
        END {
            if (seen == 0) { print "no symbols: nothing was looked at"; exit 1 }
            print seen " undefined symbols looked at, " wrong + 0 " of them banned"
            exit wrong > 0
        }'
}

if [ "$1" = --self-test ]; then
    cc=$2
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    cat >"$scratch/bad.c" <<'C'
#include <math.h>
#include <stdlib.h>
#include <time.h>
double f(double x, float y) { return log(x) + (double)powf(y, y) + (double)rand() + (double)time(NULL); }
C
    echo 'int puts(const char *); int g(void) { return puts("x"); }' >"$scratch/good.c"
    for name in bad good; do
        "$cc" -O2 -c "$scratch/$name.c" -o "$scratch/$name.o"
        ar rcs "$scratch/lib$name.a" "$scratch/$name.o"
    done
    look "$scratch/libgood.a"
    if look "$scratch/libbad.a" >"$scratch/found"; then echo "planted calls were not found" >&2; exit 1; fi
    for symbol in log powf rand time; do
        grep -q "bad.o: $symbol\$" "$scratch/found" || { echo "planted call of $symbol was not found" >&2; exit 1; }
    done
    echo "all 4 planted calls found"
    exit 0
fi
look "$@"
