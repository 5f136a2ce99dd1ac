package dev.maestro.store;

import java.time.Instant;

/**
 * The right of one owner to do one thing for a while.
 *
 * @param key what
 * @param owner who
 * @param token higher than every earlier owner's; written along with commits, so that an owner who
 *     lost the lease without noticing is refused
 * @param until when it ends unless renewed
 */
public record Lease(String key, String owner, long token, Instant until) {}
