/**
 * What carries out an agent step: the provider SPI, the registry, routes, sessions and personas.
 *
 * <p>Start at {@link dev.maestro.agent.AgentProvider}.
 */
@NullMarked
package dev.maestro.agent;

import org.jspecify.annotations.NullMarked;
