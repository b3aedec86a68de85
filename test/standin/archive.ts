/** The archive of the package that the fake executable lies in; undefined where it runs the project itself. */
export const archive = process.env.STANDIN_PACKAGE;
