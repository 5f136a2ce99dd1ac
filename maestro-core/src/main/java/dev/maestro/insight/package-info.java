/**
 * Reports on what runs have done, read from their journals and from nothing else.
 *
 * <p>Pure: the same records give the same report.
 */
@NullMarked
package dev.maestro.insight;

import org.jspecify.annotations.NullMarked;
