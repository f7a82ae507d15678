"""Parts that every page uses: the chart frame, tables, filters, tiles and notices. None of them asks the gate."""
