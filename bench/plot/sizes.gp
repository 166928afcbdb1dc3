# sizes.gp - decisions a second of one core against the size of the organization. Reads sizes.csv, which
# `orgsim bench core` makes: accounts,ous,scps,mode,ns_per_decision,decisions_per_second,image_bytes.
set datafile missing NaN
set logscale x
set xtics ("10" 10, "100" 100, "1,000" 1e3, "10,000" 1e4, "100,000" 1e5, "1 million" 1e6)
set xlabel "accounts"
set ylabel "million decisions a second"
set yrange [0:*]
set rmargin 5
modes = ""
stats "sizes.csv" using (modes = strstrt(" ".modes." ", " ".strcol(4)." ") ? modes : modes." ".strcol(4), 0) nooutput
colour(i) = word("#0072B2 #D55E00 #009E73 #888888", (i - 1) % 4 + 1)
plot for [i = 1:words(modes)] "sizes.csv" using 1:(strcol(4) eq word(modes, i) ? $6 / 1e6 : NaN) with linespoints \
    linewidth 2 dashtype i pointtype (i % 2 ? 7 : 5) pointsize 0.5 linecolor rgb colour(i) title word(modes, i)
