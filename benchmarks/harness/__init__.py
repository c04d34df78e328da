"""What every benchmark needs: cells, contenders found by file, workers, rounds, the machine."""
