# spectrum.gp - latency by percentile, on an axis of 1/(1 - p) so that the tail has the room it deserves.
# Reads response.csv; with -e 'table="decide.csv"' the measured time of a decision.
if (!exists("table")) table = "response.csv"
measured = table eq "decide.csv"
top = 0
rarest = 10
least = 1e300
counts(metric) = metric ne "waiting"
stats table using (top = $4 > top ? $4 : top, rarest = $3 > rarest ? $3 : rarest, \
                   least = counts(strcol(1)) && $4 < least ? $4 : least) nooutput
u = unit_ns(top)
set datafile missing NaN
set logscale x
set xrange [1:rarest * 1.2]
set xtics ("0" 1, "50 %%" 2, "90 %%" 10, "99 %%" 100, "99.9 %%" 1e3, "99.99 %%" 1e4, "99.999 %%" 1e5, "6 nines" 1e6, \
           "7 nines" 1e7, "8 nines" 1e8, "9 nines" 1e9)
far = rarest > 1e6
if (far && !narrow) set xtics add ("" 2)
if (narrow && !far) set xtics ("0" 1, "90 %%" 10, "99 %%" 100, "99.9 %%" 1e3, "" 1e4, "99.999 %%" 1e5, "" 1e6)
if (narrow && far) set xtics ("0" 1, "99 %%" 100, "99.99 %%" 1e4, "6 nines" 1e6, "8 nines" 1e8)
wide = top > 30 * least
if (wide) {
    u = 1
    set logscale y
    set yrange [*:top * 1.4]
    set ytics ("1 ns" 1, "10 ns" 10, "100 ns" 100, "1 µs" 1e3, "10 µs" 1e4, "100 µs" 1e5, "1 ms" 1e6, "10 ms" 1e7, \
               "100 ms" 1e8, "1 s" 1e9, "10 s" 1e10, "100 s" 1e11, "1,000 s" 1e12, "10,000 s" 1e13)
}
if (!wide) set yrange [0:top / u * 1.05]
if (narrow) set tmargin measured ? 1 : 2.2
what = measured ? "timed batches" : "requests"
set xlabel (narrow ? what." at least as fast" : "share of ".what." that were at least as fast")
set ylabel (measured ? "one decision" : "time").(wide ? "" : ", ".unit_name(top))
only(metric) = strcol(1) eq metric && ($4 > 0 || !wide) ? $4 / u : NaN
if (measured) {
    set nokey
    plot table using 3:(only("decide")) with lines linewidth 2 linecolor rgb green
} else {
    plot table using 3:(only("response")) with lines linewidth 2 linecolor rgb blue title "response", \
         table using 3:(only("waiting")) with lines \
             linewidth 1.5 dashtype 2 linecolor rgb vermillion title "of it waiting"
}
