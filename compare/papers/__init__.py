"""Papers: ledgers of claims, designs of cells and experiments, one package each."""
