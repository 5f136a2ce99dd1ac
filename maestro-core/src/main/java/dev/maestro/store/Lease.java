package dev.maestro.store;

import java.time.Instant;

/**
 * The right of one owner to do one thing for a while.
 *
 * @param key what
 * @param owner who
 * @param token higher than every earlier one; written along with commits. From the first commit on
 *     that carries it, whoever lost the lease without noticing is refused; until then, what both
 *     wrote would have to begin at the same sequence, so that one of the two is refused
 * @param until when it ends unless it is taken once more
 */
public record Lease(String key, String owner, long token, Instant until) {}
