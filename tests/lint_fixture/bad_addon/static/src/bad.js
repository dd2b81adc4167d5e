import {a} from './a'
export   function bad( ){return a}
