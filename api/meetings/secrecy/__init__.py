"""Secret votes (bỏ phiếu kín): the Belenios protocol, tallied by its own unmodified tool."""
