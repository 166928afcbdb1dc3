# levels.gp - who denied: denials by layer and level, explicit and implicit. Reads levels.csv, where both kinds of a
# layer and level stand side by side and what was allowed comes last.
array implicit[64]
array explicit[64]
array total[64]
array label[64]
do for [i = 1:64] { implicit[i] = NaN; explicit[i] = NaN; total[i] = NaN; label[i] = "" }
nodes(layer) = layer eq "SCP" || layer eq "RCP"
suffix(level) = level == 0 ? " (root)" : level == 6 ? " (account)" : ""
name(layer, level) = nodes(layer) ? sprintf("%s %d%s", layer, level, suffix(level)) : layer
rows = 0
longest = 1
stats "levels.csv" using (strcol(3) eq "ImplicitlyDenied" ? \
    (rows = rows + 1, label[rows] = name(strcol(1), $2), implicit[rows] = $4, total[rows] = $4) : 0) nooutput
row = 0
stats "levels.csv" using (strcol(3) eq "ExplicitlyDenied" ? \
    (row = row + 1, explicit[row] = $4 > 0 ? $4 : NaN, total[row] = total[row] + $4, \
     longest = total[row] > longest ? total[row] : longest) : 0) nooutput

if (rows < 4) set terminal svg size width,(height - 100) dynamic noenhanced font "sans-serif,13" name title
set yrange [-rows - 0.6:-0.4]
set xrange [0:longest * 1.18]
power = 10 ** floor(log10(longest))
step = longest < 10 ? 1 : power * (longest < 2 * power ? 0.5 : longest < 5 * power ? 1 : 2)
unit(n) = n < 1e3 ? sprintf("%g", n) : n < 1e6 ? sprintf("%gk", n / 1e3) : n < 1e9 ? sprintf("%gM", n / 1e6) : \
          sprintf("%gG", n / 1e9)
set xtics (0)
do for [i = 1:10] { if (i * step <= longest * 1.18) { set xtics add (unit(i * step) i * step) } }
set ytics scale 0
unset grid
set grid x linecolor rgb grey linewidth 0.4 dashtype 3
if (narrow) set tmargin 2.2
set xlabel "denied requests"
shown(n) = n < 1e6 ? sprintf("%.0f", n) : gprintf("%.2s%c", n)
# Arrays are read as files are, and have neither header nor commas.
unset datafile
plot implicit using (0):(-$1):(0):2:(-$1 - 0.32):(-$1 + 0.32):ytic(label[$1]) with boxxyerror \
         linecolor rgb blue fillstyle solid 0.5 noborder title "implicitly", \
     explicit using 2:(-$1):(implicit[$1]):(implicit[$1] + $2):(-$1 - 0.32):(-$1 + 0.32) with boxxyerror \
         linecolor rgb vermillion fillstyle solid 1 noborder title "explicitly", \
     total using 2:(-$1):(shown($2)) with labels left offset 0.5,0 notitle
