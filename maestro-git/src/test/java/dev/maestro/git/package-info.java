/** Tests on real repositories, with native git judging everything that was written. */
@NullMarked
package dev.maestro.git;

import org.jspecify.annotations.NullMarked;
