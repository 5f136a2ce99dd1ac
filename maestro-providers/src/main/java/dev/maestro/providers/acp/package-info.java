/**
 * Agents that speak the Agent Client Protocol over stdio: those of vendors, and any other with
 * {@link dev.maestro.providers.acp.AcpAgent}.
 */
@NullMarked
package dev.maestro.providers.acp;

import org.jspecify.annotations.NullMarked;
