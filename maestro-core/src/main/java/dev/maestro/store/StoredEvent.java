package dev.maestro.store;

/**
 * One event as it lies in a store.
 *
 * @param sequence its number in its run, counted from 1 without gaps
 * @param envelope the event
 */
public record StoredEvent(long sequence, Envelope envelope) {}
